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
        shutil.rmtree(bench, ignore_errors=True)


def clear_benches(avatars: Path) -> None:
    """Remove what programs left that were killed at their work."""
    for bench in avatars.glob(f"{HIDDEN}*"):
        try:
            with held(bench) as left:
                if left:
                    logger.info("removing what was left of making an avatar: %s", bench.name)
                    shutil.rmtree(bench, ignore_errors=True)
        except OSError as error:
            logger.warning("%s cannot be removed: %s", bench, error)


__all__ = ["bench_in", "clear_benches"]
