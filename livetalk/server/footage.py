"""Uploaded footage: a form's files written to disk as they come, under names of ours, to a bound."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from livetalk.creation.source import PHOTO_ENDINGS
from livetalk.errors import InvalidRequest, OutOfRoom, TooLarge, UnsupportedMedia

FIELD_LIMIT = 10_000
"""bytes of a plain field"""
FIELDS_LIMIT = 32
FILE_FIELDS = ("file", "video_file")
"""where a clip or photo is; the second is LiveTalking's"""


@dataclass(slots=True)
class FootageForm:
    """What a form brought."""

    source: Path
    """a file, or, where there were several, the folder of them"""
    fields: dict[str, str] = field(default_factory=dict)


async def read_form(request: web.Request, folder: Path, limit_bytes: int, limit_files: int) -> FootageForm:
    """Write a form's files into a folder.

    The names that the sender gave them are not used, but for the ending of several photos and their order.

    Raises:
        UnsupportedMedia: it is not a form.
        InvalidRequest: it has no file, or cannot be read.
        TooLarge: too many bytes, or files.
        OutOfRoom: the disk is full.
    """
    if request.content_type != "multipart/form-data":
        raise UnsupportedMedia("send a form (multipart/form-data) with a clip or photos in its field file")
    if (request.content_length or 0) > limit_bytes:
        raise _too_large(limit_bytes)
    form = FootageForm(folder)
    files: list[Path] = []
    try:
        reader = await request.multipart()
        left = limit_bytes
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise InvalidRequest("the form has a part without a name, or within a part")
            if part.name in FILE_FIELDS:
                if len(files) == limit_files:
                    raise TooLarge(f"more than {limit_files} files; send a clip, or fewer photos")
                files.append(folder / f"{len(files):08}{_ending(part.filename or '')}")
                left = await _write(part, files[-1], left, limit_bytes)
            elif len(form.fields) == FIELDS_LIMIT:
                raise InvalidRequest(f"the form has more than {FIELDS_LIMIT} fields")
            else:
                form.fields[part.name] = await _text(part)
    except (ValueError, RuntimeError, HttpProcessingError) as error:
        raise InvalidRequest(f"the form cannot be read: {error}") from error
    except OSError as error:
        raise OutOfRoom(f"the upload cannot be kept: {error.strerror or error}") from error
    if not files:
        raise InvalidRequest("the form has no file in its field file")
    form.source = files[0] if len(files) == 1 else folder
    return form


def _ending(name: str) -> str:
    """By which a folder's photos are known; it is not believed."""
    ending = Path(name).suffix.lower()
    return ending if ending in PHOTO_ENDINGS else ""


async def _write(part: BodyPartReader, path: Path, left: int, limit_bytes: int) -> int:
    with path.open("wb") as file:
        while piece := await part.read_chunk(1 << 18):
            left -= len(piece)
            if left < 0:
                raise _too_large(limit_bytes)
            file.write(piece)
    return left


async def _text(part: BodyPartReader) -> str:
    content = bytearray()
    while piece := await part.read_chunk(1 << 13):
        content += piece
        if len(content) > FIELD_LIMIT:
            raise TooLarge(f"field {part.name} is longer than {FIELD_LIMIT} bytes")
    return content.decode("utf-8", "replace")


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        f"the upload is larger than {limit_bytes / (1 << 20):.0f} MB (avatar_upload_mb); send a shorter or "
        "smaller clip"
    )


__all__ = ["FootageForm", "read_form"]
