"""What a server is made of: the loaded plugins, the avatars, the sessions."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from livetalk.avatar.bundle import list_avatars, open_bundle
from livetalk.errors import AvatarError, InvalidRequest
from livetalk.metrics import Metrics
from livetalk.pipeline.batcher import Batcher
from livetalk.pipeline.slots import Slots
from livetalk.protocols import Engine, EngineAvatar
from livetalk.registry import make_engine, make_tts
from livetalk.session import Parts
from livetalk.sessions import Sessions

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """Which plugins, from which folders, for how many."""

    engine: str
    tts: str
    voice: str
    avatar: str
    device: str
    models: Path
    avatars: Path
    cache: Path
    max_sessions: int
    clip_limit_s: float


class Avatars:
    """Avatars by id, each opened once and kept."""

    def __init__(self, folder: Path, cache: Path, engine: Engine) -> None:
        self._folder = folder
        self._cache = cache
        self._engine = engine
        self._lock = threading.Lock()
        self._open: dict[str, EngineAvatar] = {}

    def get(self, avatar_id: str) -> EngineAvatar:
        """Open an avatar, or find it open.

        Raises:
            InvalidRequest: no avatar can have, or has, this id.
            AvatarError: it is damaged, or not prepared for the engine.
        """
        if (avatar := self._open.get(avatar_id)) is not None:
            return avatar
        if avatar_id not in self.ids():
            raise InvalidRequest(f"no such avatar; there are: {', '.join(self.ids()) or 'none'}")
        with self._lock:
            if avatar_id not in self._open:
                self._open[avatar_id] = self._engine.open_avatar(
                    open_bundle(self._folder / avatar_id, self._cache)
                )
            return self._open[avatar_id]

    def ids(self) -> list[str]:
        """All that may be asked for."""
        return list_avatars(self._folder)


class Service:
    """Loads everything at start, so that the first turn is as fast as any; lets go of it at the end."""

    def __init__(self, options: ServiceOptions) -> None:
        """Load.

        Raises:
            PluginError, ModelError, AvatarError, ProviderError: something is missing; says what to do.
        """
        self.metrics = Metrics()
        self.default_avatar = options.avatar
        self.engine = make_engine(options.engine)
        self.engine.load(options.models, options.device)
        self.avatars = Avatars(options.avatars, options.cache, self.engine)
        if options.avatar not in self.avatars.ids():
            raise AvatarError(
                f"no avatar {options.avatar!r} in {options.avatars}; there are: "
                f"{', '.join(self.avatars.ids()) or 'none'}"
            )
        avatar = self.avatars.get(options.avatar)
        with ExitStack() as started:
            self.tts = make_tts(options.tts, options.voice)
            started.callback(self.tts.close)
            self.tts.load()
            self._batcher = Batcher(self.engine, self.metrics)
            self._batcher.start()
            started.callback(self._batcher.stop)
            self._batcher.warm_up(avatar)
            self._started = started.pop_all()
        self.sessions = Sessions(
            Parts(self.engine, self._batcher, Slots(_slots()), self.tts, self.metrics, options.clip_limit_s),
            options.max_sessions,
        )
        if self._batcher.sessions() < options.max_sessions:
            logger.warning(
                "engine %s carries %d sessions at its measured rate, fewer than max_sessions (%d)",
                *(options.engine, self._batcher.sessions(), options.max_sessions),
            )

    def close(self) -> None:
        """End all sessions and threads."""
        with self._started:
            self.sessions.close_all()


def _slots() -> int:
    """How many stages compute at once: half of the cores, the other half encodes and sends."""
    return max(1, (os.cpu_count() or 1) // 2)
