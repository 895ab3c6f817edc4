"""Uploaded sound: read to a bound, checked by its content before anybody is told that it is fine."""

from __future__ import annotations

import asyncio

from aiohttp import BodyPartReader, web

from livetalk.audio.clip import probe_clip
from livetalk.errors import InvalidRequest, TooLarge, UnsupportedMedia

FIELD_LIMIT = 256
"""bytes of a form's plain field"""
PARTS_LIMIT = 16
"""parts of a form that are read at all"""


async def read_clip(request: web.Request, limit_bytes: int, limit_s: float) -> tuple[str, bytes]:
    """Read `sessionid` and `file` of a form.

    Raises:
        UnsupportedMedia: it is not a form, or the file is not a sound.
        InvalidRequest: a part is missing.
        TooLarge: too many bytes or seconds.
    """
    if request.content_type != "multipart/form-data":
        raise UnsupportedMedia("send a form (multipart/form-data) with the fields sessionid and file")
    session_id, content = await _read_parts(request, limit_bytes)
    if session_id is None:
        raise InvalidRequest("the form has no field sessionid")
    if content is None:
        raise InvalidRequest("the form has no file in its field file")
    await asyncio.get_running_loop().run_in_executor(None, probe_clip, content, limit_s)
    return session_id, content


async def _read_parts(request: web.Request, limit_bytes: int) -> tuple[str | None, bytes | None]:
    session_id: str | None = None
    content: bytes | None = None
    try:
        reader = await request.multipart()
        for _ in range(PARTS_LIMIT):
            part = await reader.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader):
                raise InvalidRequest("the form has a part inside a part; send plain fields")
            if part.name == "sessionid":
                session_id = (await _read_part(part, FIELD_LIMIT)).decode("utf-8", "replace")
            elif part.name == "file":
                content = await _read_part(part, limit_bytes)
    except ValueError as error:
        raise InvalidRequest(f"the form cannot be read: {error}") from error
    return session_id, content


async def _read_part(part: BodyPartReader, limit_bytes: int) -> bytes:
    content = bytearray()
    while piece := await part.read_chunk(1 << 16):
        content += piece
        if len(content) > limit_bytes:
            raise TooLarge(
                f"field {part.name} is longer than {limit_bytes} bytes; send less (upload_limit_mb)"
            )
    return bytes(content)
