"""What of a set is there, what is missing, and what only looks as if it were there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from livetalk.models.catalogue import OTHER_NAMES, File, ModelSet, Need
from livetalk.models.intact import fault, sha256_of
from livetalk.models.progress import Watch


class State(Enum):
    """How a file stands; the words of a listing."""

    THERE = "there"
    OWN = "own"
    """whole, though not what was published: trained further, or made lean"""
    MISSING = "missing"
    ELSEWHERE = "elsewhere"
    """below the models' folder, where nobody looks for it"""
    CUT = "cut"
    FOREIGN = "wrong"
    """damaged, or something else under this name"""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one need."""

    need: Need
    file: File
    """the one that is there, or the one to fetch"""
    path: Path
    """where it is, or belongs"""
    state: State
    note: str = ""

    @property
    def usable(self) -> bool:
        """Whether an engine can read it."""
        return self.state in (State.THERE, State.OWN)


def inspect(need: Need, models: Path, watch: Watch, *, quick: bool = False) -> Finding:
    """Look for a need's file, the one that an engine would take; quick compares sizes, not sums."""
    for file in need.files:
        if (models / file.place).is_file():
            state, note = _judge(file, models / file.place, watch, quick)
            return Finding(need, file, models / file.place, state, note)
        if (models / file.place).is_dir():
            note = "a folder where a file belongs; move it away"
            return Finding(need, file, models / file.place, State.FOREIGN, note)
    for file, path in strays(need, models):
        return Finding(need, file, path, State.ELSEWHERE, f"it is at {path.relative_to(models).as_posix()}")
    return Finding(need, need.wanted, models / need.wanted.place, State.MISSING)


def strays(need: Need, models: Path) -> Iterator[tuple[File, Path]]:
    """Files that may be this need's, by their names and sizes, in folders where they end up by accident.

    As when a whole repository is fetched into `models/musetalkV15`, and makes a folder of that name in it.
    """
    for file in need.files:
        folder, _, name = file.place.partition("/")
        if file.source is None:
            continue
        for path in _accidents(models, folder, name):
            if path.is_file() and not path.is_symlink() and path.stat().st_size == file.size:
                yield file, path


def has_something(models: Path, wanted: ModelSet) -> bool:
    """Whether a file of this set, and of no other, is in its place."""
    return any((models / file.place).is_file() for need in wanted.own for file in need.files)


def _accidents(models: Path, folder: str, name: str) -> Iterator[Path]:
    names = (folder, *OTHER_NAMES.get(folder, ()))
    for other in names[1:]:
        yield models / other / name
    for outer in (*names, "models", "MuseTalk", "musetalk"):
        for inner in names:
            yield models / outer / inner / name


def _judge(file: File, path: Path, watch: Watch, quick: bool) -> tuple[State, str]:
    size = path.stat().st_size
    if file.sha256 is not None and size == file.size:
        if quick:
            return State.THERE, "by its size"
        if sha256_of(path, watch) == file.sha256:
            return State.THERE, ""
    problem = fault(path, path.suffix, None if quick else watch)
    if problem is not None:
        if file.size is not None and size < file.size:
            return State.CUT, f"it has {size} of {file.size} bytes: {problem}"
        return State.FOREIGN, problem
    if file.sha256 is None and size == file.size:
        return State.THERE, "by its size, no sum is known here"
    return State.OWN, "not the published file" if file.source is not None else "lean, or your own"


__all__ = ["Finding", "State", "has_something", "inspect", "strays"]
