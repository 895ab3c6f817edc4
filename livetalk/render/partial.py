"""What is half written has a name of its own, and takes the wanted one when it is whole."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from av import FFmpegError

from livetalk.errors import RenderError

NAME = 40
"""characters of the wanted name in the hidden one, which must not be too long where that is not"""
_NUMBERS = itertools.count()
"""tell hidden names apart whose wanted ones begin alike, as a clip's and its raw pictures' do"""


class Closable(Protocol):
    """A file, or what FFmpeg writes to."""

    def close(self) -> None:
        """Write what is left, and let go of it."""


@contextmanager
def partial(target: Path) -> Iterator[Path]:
    """A hidden name beside `target`, for a file or a folder: removed unless all goes well.

    Raises:
        RenderError: `target` cannot be written; says why.
    """
    part = target.with_name(f".{target.name[:NAME]}.{os.getpid()}-{next(_NUMBERS)}.part")
    try:
        yield part
        with writing(target):
            if target.is_dir():
                target.rmdir()  # an empty folder gives way, as Windows wants it
            os.replace(part, target)
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn the system's errors into one that names what was to be written."""
    try:
        yield
    except (OSError, FFmpegError) as error:
        raise RenderError(f"{target} cannot be written: {error.strerror or error}") from error


@contextmanager
def closed(file: Closable, target: Path) -> Iterator[None]:
    """Close what `target` is written to; only then it is known whether all of it found room."""
    try:
        yield
    finally:
        with writing(target):
            file.close()


def check_file(target: Path, suffixes: Collection[str], force: bool) -> None:
    """Whether a file may be made, before any work is done for it.

    Raises:
        RenderError: its folder is missing, its name ends otherwise, or it is there already; what is no
            plain file is never replaced.
    """
    if suffixes and target.suffix.lower() not in suffixes:
        raise RenderError(f"{target} must end in {' or '.join(suffixes)}")
    _check_parent(target)
    if target.is_dir():
        raise RenderError(f"{target} is a folder; name a file")
    if target.exists() and not target.is_file():  # it would be replaced, and all programs use it
        raise RenderError(f"{target} is a device or a pipe; name a file")
    if target.exists() and not force:
        raise RenderError(f"{target} is there already; use --force to replace it, or choose another name")


def check_folder(target: Path) -> None:
    """Whether a folder may be made, or is there and empty.

    Raises:
        RenderError: it is not; nothing in a folder is ever replaced.
    """
    _check_parent(target)
    if target.exists() and not target.is_dir():
        raise RenderError(f"{target} is a file; name a folder")
    if target.is_dir() and any(target.iterdir()):
        raise RenderError(f"{target} is not empty; empty it, or choose another name")


def _check_parent(target: Path) -> None:
    if not target.absolute().parent.is_dir():
        raise RenderError(f"there is no folder {target.absolute().parent}; make it first")


__all__ = ["check_file", "check_folder", "closed", "partial", "writing"]
