"""Faces: avatars opened and changed in threads of their own, since either may take seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from livetalk.avatars import Avatars
from livetalk.protocols import EngineAvatar
from livetalk.server.threads import in_thread
from livetalk.session import Session

Given = TypeVar("Given")
Result = TypeVar("Result")

OPENERS = 2
"""avatars that are opened, or drawn anew, at a time"""


class Faces:
    """Asks for avatars without holding up anything but others who ask."""

    def __init__(self, avatars: Avatars) -> None:
        self._avatars = avatars
        self._openers = ThreadPoolExecutor(OPENERS, "avatars")

    async def get(self, avatar_id: str) -> EngineAvatar:
        """An avatar, ready to be shown.

        Raises:
            InvalidRequest: there is no such avatar.
            AvatarError: it is damaged.
        """
        warm = self._avatars.warm(avatar_id)
        return await self._slowly(self._avatars.get, avatar_id) if warm is None else warm

    async def change(self, session: Session, avatar_id: str) -> None:
        """Show another avatar in a session; returns once it is shown.

        Raises:
            InvalidRequest: there is no such avatar.
            AvatarError: it is damaged.
        """
        await self._slowly(session.change_avatar, await self.get(avatar_id))

    async def stop(self) -> None:
        """Let go of the threads."""
        await in_thread(partial(self._openers.shutdown, cancel_futures=True))

    async def _slowly(self, work: Callable[[Given], Result], given: Given) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._openers, work, given)


__all__ = ["Faces"]
