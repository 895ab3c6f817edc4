"""Uploaded sound: read to a bound, checked by its content before anybody is told that it is fine."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from livetalk.audio.clip import probe_clip
from livetalk.errors import InvalidRequest, TooLarge, UnsupportedMedia
from livetalk.server.threads import in_thread

FIELD_LIMIT = 1024
"""bytes of a form's plain field"""
PARTS_LIMIT = 16
"""parts that a form may have"""


@dataclass(slots=True)
class Upload:
    """A form with a sound file."""

    session_id: str = ""
    content: bytes | None = None
    fields: dict[str, str] = field(default_factory=dict)
    """the caller's own fields, given back in the clip's events"""


async def read_clip(
    request: web.Request, limit_bytes: int, limit_s: float, *, named: bool = True
) -> tuple[Upload, bytes]:
    """Read `sessionid`, `file` and the caller's own fields of a form; the file's content comes second.

    Where it is not `named`, the session is known otherwise.

    Raises:
        UnsupportedMedia: it is not a form, or the file is not a sound.
        InvalidRequest: a part is missing, or there are too many.
        TooLarge: too many bytes or seconds.
    """
    if request.content_type != "multipart/form-data":
        raise UnsupportedMedia("send a form (multipart/form-data) with a sound in its field file")
    upload = await _read_form(request, limit_bytes)
    if named and not upload.session_id:
        raise InvalidRequest("the form has no field sessionid")
    if upload.content is None:
        raise InvalidRequest("the form has no file in its field file")
    await in_thread(partial(probe_clip, upload.content, limit_s))
    return upload, upload.content


async def _read_form(request: web.Request, limit_bytes: int) -> Upload:
    upload = Upload()
    try:
        reader = await request.multipart()
        for _ in range(PARTS_LIMIT):
            part = await reader.next()
            if part is None:
                return upload
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise InvalidRequest(
                    "the form has a part without a name, or within a part; send plain fields"
                )
            if part.name == "file":
                upload.content = await _read_part(part, limit_bytes)
                continue
            value = (await _read_part(part, FIELD_LIMIT)).decode("utf-8", "replace")
            if part.name == "sessionid":
                upload.session_id = value
            else:
                upload.fields[part.name.encode("utf-8", "replace").decode()] = value
    except (ValueError, RuntimeError, HttpProcessingError) as error:
        raise InvalidRequest(f"the form cannot be read: {error}") from error
    raise InvalidRequest(f"the form has more than {PARTS_LIMIT - 1} parts; send fewer")


async def _read_part(part: BodyPartReader, limit_bytes: int) -> bytes:
    content = bytearray()
    while piece := await part.read_chunk(1 << 16):
        content += piece
        if len(content) > limit_bytes:
            raise TooLarge(
                f"field {part.name} is longer than {limit_bytes} bytes; send less (upload_limit_mb)"
            )
    return bytes(content)
