"""The avatars of a folder: listed, renamed, deleted; none is opened for it."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from livetalk.avatar import foreign
from livetalk.avatar.bundle import CACHED, cached_names, checked
from livetalk.avatar.manifest import AVATAR_ID, Action, Manifest, Plan, read_manifest
from livetalk.avatar.writing import HIDDEN, MANIFEST, replace_manifest
from livetalk.errors import AvatarError, InvalidRequest, NotFound, OutOfRoom
from livetalk.faults import first_fault
from livetalk.locks import alone
from livetalk.types import FPS

LONGEST_NAME = 80
MOST_NAMED = 20
"""avatars that are named to who asked for one that is not there"""


@dataclass(frozen=True, slots=True)
class Card:
    """What a list says of an avatar."""

    id: str
    name: str
    width: int
    """pixels"""
    height: int
    frames: int
    engines: tuple[str, ...]
    """it was prepared for"""
    actions: Mapping[str, Action] = field(default_factory=dict)
    """by name"""
    cut_out: bool = False
    """so that it can be seen on another background"""
    plan: Plan = field(default_factory=dict)
    """what it does by itself"""
    takes_actions: bool = False
    """whether it was made here, and can be given more of them"""

    @property
    def seconds(self) -> float:
        """Of its body's loop."""
        return self.frames / FPS


class Shelf:
    """A folder of avatars, and the cache of their decoded pictures."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self._folder = folder
        self._cache = cache

    def cards(self, left_out: Callable[[AvatarError], object] | None = None) -> list[Card]:
        """All that are whole, by id; `left_out` is told why one is damaged."""
        found = []
        for folder in sorted(self._folder.glob("*")):
            try:
                found.append(self.card(folder.name))
            except NotFound:
                continue
            except AvatarError as error:
                if left_out:  # else it is said when it is asked for
                    left_out(error)
        return found

    def card(self, avatar_id: str) -> Card:
        """One avatar's.

        Raises:
            NotFound: there is none.
            AvatarError: it is damaged.
        """
        with alone(self._folder):
            return self._card(self._find(avatar_id))

    def _card(self, folder: Path) -> Card:
        avatar_id = folder.name
        if not (folder / MANIFEST).is_file():
            files = foreign.numbered(folder / "full_imgs")
            picture = foreign.read_picture(files[0])
            height, width = picture.shape[:2]
            return Card(avatar_id, avatar_id, width, height, len(files), (foreign.ENGINE,))
        found = read_manifest(folder)
        return Card(
            id=avatar_id,
            name=found.name,
            width=found.width,
            height=found.height,
            frames=found.frames,
            engines=tuple(sorted(found.engines)),
            actions=dict(sorted(found.actions.items())),
            plan=found.plan,
            takes_actions=bool(found.face),
            cut_out=bool(found.matte),
        )

    def video(self, avatar_id: str, action: str = "") -> Path:
        """The body's video, or an action's.

        Raises:
            NotFound: there is none; a folder of another program's has pictures alone.
            AvatarError: it is damaged.
        """
        with alone(self._folder):
            folder = self._find(avatar_id)
            if not (folder / MANIFEST).is_file():
                raise NotFound(f"{avatar_id} has no video, it is a folder of pictures")
            manifest = read_manifest(folder)
        if action and action not in manifest.actions:
            raise NotFound(f"{avatar_id} has no action {action[:64]!r}")
        return checked(folder, manifest, manifest.actions[action].video if action else manifest.video)

    def rename(self, avatar_id: str, name: str) -> None:
        """Change what people read; the id stays.

        Raises:
            NotFound: there is none.
            InvalidRequest: nobody can be called so, or it is a folder of another program's.
            AvatarError: it is damaged.
            OutOfRoom: its folder cannot be written.
        """
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            raise InvalidRequest(f"a name has 1 to {LONGEST_NAME} characters that can be printed")
        with alone(self._folder):
            folder = self._own(avatar_id)
            manifest = read_manifest(folder).model_copy(update={"name": name.strip()})
            replace_manifest(folder, manifest)

    def plan(self, avatar_id: str, plan: object) -> None:
        """Change what an avatar does by itself.

        Raises:
            NotFound: there is none.
            InvalidRequest: the plan is none, names actions that it has not, or that speak.
            AvatarError: it is damaged.
            OutOfRoom: its folder cannot be written.
        """
        with alone(self._folder):
            folder = self._own(avatar_id)
            manifest = read_manifest(folder)
            try:
                planned = Manifest.model_validate({**manifest.model_dump(), "plan": plan})
            except ValidationError as error:
                raise InvalidRequest(f"this is no plan: {first_fault(error, Manifest)}") from error
            replace_manifest(folder, planned)

    def delete(self, avatar_id: str) -> None:
        """Remove an avatar, and what the cache has of it; it is gone at once, as a whole.

        Raises:
            NotFound: there is none.
            OutOfRoom: the folder cannot be written.
        """
        with alone(self._folder):
            folder = self._find(avatar_id)
            try:
                away = Path(tempfile.mkdtemp(dir=self._folder, prefix=HIDDEN))
                folder.rename(away / avatar_id)
            except OSError as error:
                raise OutOfRoom(f"{avatar_id} cannot be deleted: {error.strerror}") from error
        shutil.rmtree(away, ignore_errors=True)
        self._clear_cache(avatar_id, frozenset())

    def clear_cache(self, avatar_id: str) -> None:
        """Remove what the cache has of a bundle as it was before it was changed."""
        with alone(self._folder):
            try:
                kept = cached_names(read_manifest(self._folder / avatar_id))
            except AvatarError:  # said when it is opened
                return
        self._clear_cache(avatar_id, kept)

    def version(self, avatar_id: str) -> int:
        """Another one when an avatar has other files; 0 where there is none."""
        with alone(self._folder):
            folder = self._folder / avatar_id
            return folder.stat().st_ino if folder.is_dir() else 0

    def _clear_cache(self, avatar_id: str, kept: frozenset[str]) -> None:
        own = re.compile(f"({re.escape(avatar_id)}{CACHED}).*")  # what comes behind, a killed process left
        for cached in self._cache.glob(f"{avatar_id}-*"):
            found = own.fullmatch(cached.name)  # anna-2 is another one than anna
            if found and found[1] not in kept:
                cached.unlink(missing_ok=True)

    def _own(self, avatar_id: str) -> Path:
        """A bundle of ours, whose manifest may be changed."""
        folder = self._find(avatar_id)
        if not (folder / MANIFEST).is_file():
            raise InvalidRequest(
                f"{avatar_id} is a folder of another program's; livetalk avatar import makes it ours"
            )
        return folder

    def _find(self, avatar_id: str) -> Path:
        folder = self._folder / avatar_id
        is_id = AVATAR_ID.fullmatch(avatar_id)
        if not (is_id and ((folder / MANIFEST).is_file() or foreign.is_foreign(folder))):
            raise not_there(self._folder, avatar_id)
        return folder


def not_there(avatars: Path, avatar_id: str) -> NotFound:
    """What tells that a folder of avatars has none of this id, and which it has."""
    there = sorted(
        folder.name
        for folder in avatars.glob("*")
        if (folder / MANIFEST).is_file() or foreign.is_foreign(folder)
    )
    some = ", ".join(there[:MOST_NAMED]) + (" …" if len(there) > MOST_NAMED else "")
    return NotFound(f"no avatar {avatar_id[:64]!r}; there are: {some or 'none'}")


__all__ = ["LONGEST_NAME", "Card", "Shelf", "not_there"]
