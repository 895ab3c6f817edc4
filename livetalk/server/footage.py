"""Uploaded footage: a form's files written to disk as they come, under names of ours, to a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from livetalk.avatar.photo_formats import PHOTO_ENDINGS
from livetalk.errors import InvalidRequest, OutOfRoom, TooLarge, TooSlow, UnsupportedMedia

FIELD_LIMIT = 10_000
"""bytes of a plain field"""
FIELDS_LIMIT = 32
GRACE_S = 60.0
SLOWEST = 16 << 10
"""bytes a second: an upload may take `GRACE_S`, and as long as its files take at this rate"""
LONGEST_NAME = 64
"""characters of a file's name that are shown"""
FILE_FIELDS = ("file", "video_file")
"""where a clip or photo is; the second is LiveTalking's"""


@dataclass(frozen=True, slots=True)
class FormLimits:
    """What a form may bring."""

    upload_bytes: int
    files: int
    names: tuple[str, ...] = FILE_FIELDS
    """of fields with a file"""


@dataclass(frozen=True, slots=True)
class FootageForm:
    """What a form brought."""

    source: Path
    """a file, or, where there were several, the folder of them"""
    fields: dict[str, str]
    names: Mapping[str, str]
    """what the sender called each file, by what it is called here; to be shown, and for nothing else"""


async def read_form(request: web.Request, folder: Path, limits: FormLimits) -> FootageForm:
    """Write a form's files into a folder.

    The names that the sender gave them are told, but not used: only the ending of several photos is.

    Raises:
        UnsupportedMedia: it is not a form.
        InvalidRequest: it has no file, or cannot be read.
        TooLarge: too many bytes, or files.
        TooSlow: the sender hardly sends.
        OutOfRoom: the disk is full.
    """
    if request.content_type != "multipart/form-data":
        field = limits.names[0]
        raise UnsupportedMedia(f"send a form (multipart/form-data) with a clip or photo in its field {field}")
    if (request.content_length or 0) > limits.upload_bytes:
        raise _too_large(limits.upload_bytes)
    try:
        async with asyncio.timeout(GRACE_S) as patience:
            return await _read(await request.multipart(), _Files(folder, limits, patience))
    except TimeoutError as error:
        raise TooSlow("the upload came too slowly; send it again, or a smaller clip") from error
    except (ValueError, RuntimeError, HttpProcessingError, RequestPayloadError) as error:
        raise InvalidRequest(f"the form cannot be read: {error}") from error
    except ConnectionError:  # the sender left
        raise
    except OSError as error:
        raise OutOfRoom(f"the upload cannot be kept: {error.strerror or error}") from error


async def _read(reader: MultipartReader, files: _Files) -> FootageForm:
    fields: dict[str, str] = {}
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise InvalidRequest("the form has a part without a name, or within a part")
        if part.name in files.names:
            await files.write(part)
        elif part.name in fields:
            raise InvalidRequest(f"the form has two fields {part.name[:40]!r}")
        elif len(fields) == FIELDS_LIMIT:
            raise InvalidRequest(f"the form has more than {FIELDS_LIMIT} fields")
        else:
            fields[part.name] = await _text(part, files.names[0])
    return FootageForm(files.source, fields, files.sent)


class _Files:
    """The files of a form, as they come."""

    def __init__(self, folder: Path, limits: FormLimits, patience: asyncio.Timeout) -> None:
        self.names = limits.names
        self._folder = folder
        self._limits = limits
        self._left = limits.upload_bytes
        self._patience = patience
        self._paths: list[Path] = []
        self.sent: dict[str, str] = {}
        """their names, by ours"""

    @property
    def source(self) -> Path:
        """The file, or the folder of several."""
        if not self._paths:
            raise InvalidRequest(f"the form has no file in its field {self.names[0]}")
        return self._paths[0] if len(self._paths) == 1 else self._folder

    async def write(self, part: BodyPartReader) -> None:
        """Take one."""
        if len(self._paths) == self._limits.files:
            most = self._limits.files
            raise TooLarge(
                "send one clip or photo alone"
                if most == 1
                else f"too many files, at most {most}; send a clip, or fewer photos"
            )
        path = self._folder / f"{len(self._paths):08}{_ending(part.filename or '')}"
        self._paths.append(path)
        self.sent[path.name] = _shown(part.filename or "") or path.name
        with path.open("wb") as file:
            while piece := await part.read_chunk(1 << 18):
                self._left -= len(piece)
                if self._left < 0:
                    raise _too_large(self._limits.upload_bytes)
                file.write(piece)
                self._patience.reschedule((self._patience.when() or 0) + len(piece) / SLOWEST)


def _ending(name: str) -> str:
    """By which a folder's photos are known; it is not believed."""
    ending = Path(name).suffix.lower()
    return ending if ending in PHOTO_ENDINGS else ""


def _shown(name: str) -> str:
    """As people may read it: without folders, not too long, nothing in it that acts."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in last if each.isprintable())[:LONGEST_NAME]


async def _text(part: BodyPartReader, file: str) -> str:
    content = bytearray()
    while piece := await part.read_chunk(1 << 13):
        content += piece
        if len(content) > FIELD_LIMIT:
            raise TooLarge(
                f"field {part.name} is longer than {FIELD_LIMIT} bytes; a clip or photo goes into the field "
                f"{file}"
            )
    return content.decode("utf-8", "replace")


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        f"the upload is larger than {limit_bytes / (1 << 20):.0f} MB (avatar_upload_mb); send a shorter or "
        "smaller clip"
    )


__all__ = ["FILE_FIELDS", "FootageForm", "FormLimits", "read_form"]
