"""The avatars that may be asked for, and those that are warm: opened, and ready to be shown at once."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, defaultdict
from pathlib import Path

from livetalk.avatar import foreign
from livetalk.avatar.bundle import AvatarBundle, open_bundle, thumbnail_of
from livetalk.avatar.manifest import AVATAR_ID
from livetalk.avatar.shelf import Card, Shelf
from livetalk.errors import AvatarError, InvalidRequest, NotFound
from livetalk.locks import alone
from livetalk.metrics import Metrics
from livetalk.protocols import Engine, EngineAvatar

LONGEST_NAME = 64
"""characters of an unknown avatar's name that are told"""

logger = logging.getLogger(__name__)


class Avatars:
    """Opens avatars by id and keeps them warm, as many as the memory for them holds."""

    def __init__(self, folder: Path, cache: Path, engine: Engine, memory: int, metrics: Metrics) -> None:
        """Take them from `folder`, keep decoded pictures below `cache`, and `memory` bytes of them warm."""
        self.shelf = Shelf(folder, cache)
        """the same avatars, as files"""
        self._folder = folder
        self._cache = cache
        self._engine = engine
        self._memory = memory
        self._metrics = metrics
        self._lock = threading.Lock()
        self._opening: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._warm: OrderedDict[str, EngineAvatar] = OrderedDict()

    def warm(self, avatar_id: str) -> EngineAvatar | None:
        """An avatar that is open already."""
        with self._lock:
            if avatar_id in self._warm:
                self._warm.move_to_end(avatar_id)
            return self._warm.get(avatar_id)

    def get(self, avatar_id: str) -> EngineAvatar:
        """Find an avatar warm, or open it: that takes its time, and holds up nobody who asks for another.

        Raises:
            InvalidRequest: no avatar can have, or has, this id.
            AvatarError: it is damaged, or not prepared for the engine.
        """
        if (avatar := self.warm(avatar_id)) is not None:
            return avatar
        self._check_there(avatar_id)
        with self._opening[avatar_id]:
            if (avatar := self.warm(avatar_id)) is not None:
                return avatar
            avatar = self._open(avatar_id)
            self._keep(avatar_id, avatar)
            return avatar

    def _open(self, avatar_id: str) -> EngineAvatar:
        """Open it; where it became another one meanwhile, that one."""
        while True:
            before = self.shelf.version(avatar_id)
            self._check_there(avatar_id)
            try:
                return self._engine.open_avatar(self.bundle(avatar_id))
            except AvatarError:
                if self.shelf.version(avatar_id) == before:
                    raise

    def bundle(self, avatar_id: str) -> AvatarBundle:
        """Check an avatar's files and map its pictures, without the engine.

        Raises:
            AvatarError: it is damaged.
        """
        folder = self._folder / avatar_id
        if _is_foreign(folder):
            return foreign.open_foreign(folder, self._cache)
        return open_bundle(folder, self._cache)

    def thumbnail(self, avatar_id: str) -> Path:
        """An avatar's small picture, as a file; the avatar is not opened for it.

        Raises:
            InvalidRequest: no avatar can have, or has, this id.
            AvatarError: the picture is missing or damaged.
        """
        self._check_there(avatar_id)
        folder = self._folder / avatar_id
        return foreign.thumbnail_of(folder) if _is_foreign(folder) else thumbnail_of(folder)

    def delete(self, avatar_id: str) -> None:
        """Delete one from disk; sessions that show it show it to their end.

        Raises:
            NotFound: there is none.
            OutOfRoom: its folder cannot be written.
        """
        if not self.has(avatar_id):
            raise NotFound(f"no avatar {_named(avatar_id)}")
        with self._opening[avatar_id]:  # who opens it now keeps it warm, and its pictures in the cache
            self.shelf.delete(avatar_id)
            self._let_go(avatar_id)

    def forget(self, avatar_id: str) -> None:
        """It is another one now; sessions that show the one before show it to their end."""
        with self._opening[avatar_id]:  # who opens it now may have the one before
            self._let_go(avatar_id)
            self.shelf.clear_cache(avatar_id)

    def _let_go(self, avatar_id: str) -> None:
        with self._lock:
            self._warm.pop(avatar_id, None)
            self._tell_memory()

    def ids(self) -> list[str]:
        """All that are prepared for the engine, sorted."""
        return [card.id for card in self.cards()]

    def cards(self) -> list[Card]:
        """Those prepared for the engine, by id."""
        family = self._engine.spec.avatars
        return [card for card in self.shelf.cards() if family in card.engines]

    def has(self, avatar_id: str) -> bool:
        """Whether there is such an avatar, for whatever engine."""
        folder = self._folder / avatar_id
        with alone(self._folder):
            return bool(AVATAR_ID.fullmatch(avatar_id)) and (_is_bundle(folder) or _is_foreign(folder))

    def _check_there(self, avatar_id: str) -> None:
        if not self.has(avatar_id):
            there = ", ".join(self.ids()) or "none"
            raise InvalidRequest(f"no avatar {_named(avatar_id)}; there are: {there}")

    def _keep(self, avatar_id: str, avatar: EngineAvatar) -> None:
        """Let go of those that were asked for least recently; who shows one still holds it."""
        with self._lock:
            self._warm[avatar_id] = avatar
            while len(self._warm) > 1 and self._bytes() > self._memory:
                gone, _ = self._warm.popitem(last=False)
                logger.info("avatar %s is warm no longer: avatar_memory_mb is full", gone)
            self._tell_memory()

    def _tell_memory(self) -> None:
        self._metrics.avatars.set(len(self._warm))
        self._metrics.avatar_bytes.set(self._bytes())

    def _bytes(self) -> int:
        return sum(avatar.memory for avatar in self._warm.values())


def _is_bundle(folder: Path) -> bool:
    return (folder / "avatar.json").is_file()


def _is_foreign(folder: Path) -> bool:
    return not _is_bundle(folder) and foreign.is_foreign(folder)


def _named(asked: str) -> str:
    """What was asked for, as it may be shown anywhere: not too long, and nothing in it that acts."""
    return repr(asked if len(asked) <= LONGEST_NAME else f"{asked[:LONGEST_NAME]}…")


__all__ = ["Avatars"]
