"""Benches: hidden folders among the avatars, in each of which one avatar is made; gone in the end."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livetalk.avatar.writing import HIDDEN
from livetalk.errors import AvatarError
from livetalk.locks import held

logger = logging.getLogger(__name__)

BEFORE = "before"
"""holds, in a bench, an avatar that another one takes the place of"""


@contextmanager
def bench_in(avatars: Path) -> Iterator[Path]:
    """A bench of one's own.

    Raises:
        AvatarError: nothing can be written there.
    """
    try:
        avatars.mkdir(parents=True, exist_ok=True)
        bench = Path(tempfile.mkdtemp(dir=avatars, prefix=HIDDEN))
    except OSError as error:
        raise AvatarError(
            f"nothing can be written into {avatars} ({error.strerror}); name another folder: --avatars-dir"
        ) from error
    try:
        with held(bench):
            yield bench
    finally:
        _put_back(bench, avatars)
        shutil.rmtree(bench, ignore_errors=True)


def put_in_place(made: Path, target: Path, bench: Path) -> Path:
    """Have a folder take the place of another, whose name it has; who reads the old one reads it on.

    Two names cannot be changed at once: where only one was, the old folder is put back as its bench goes.

    Raises:
        OSError: nothing can be written there; all is as before.
    """
    before = bench / BEFORE / target.name
    before.parent.mkdir()
    target.rename(before)
    return made.rename(target)


def clear_benches(avatars: Path) -> None:
    """Remove what programs left that were killed at their work, and put back what they had taken away."""
    for bench in avatars.glob(f"{HIDDEN}*"):
        try:
            with held(bench) as left:
                if left:
                    logger.info("removing what was left of making an avatar: %s", bench.name)
                    _put_back(bench, avatars)
                    shutil.rmtree(bench, ignore_errors=True)
        except OSError as error:
            logger.warning("%s cannot be removed: %s", bench, error)


def _put_back(bench: Path, avatars: Path) -> None:
    for before in (bench / BEFORE).glob("*"):
        if not (avatars / before.name).exists():
            before.rename(avatars / before.name)


__all__ = ["bench_in", "clear_benches", "put_in_place"]
