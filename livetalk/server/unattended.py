"""Unattended: a session of the operator's own, carried to outputs, that speaks a script line by line.

The server's routes are there meanwhile, so texts can be put in between by its id, or lines cut off.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from livetalk.errors import InvalidRequest, OutputError, TooManyRequests
from livetalk.events import ClosedEvent, EndEvent, ErrorEvent, Event, InterruptedEvent
from livetalk.script import Script
from livetalk.server.app import House
from livetalk.session import Session

logger = logging.getLogger(__name__)

FULL_S = 1.0
"""before the next line, where others' texts wait"""
LOOK_S = 0.2
"""how often outputs are asked how they are"""
STARTING_S = 5.0
"""how long the first line waits for outputs"""
TAIL_S = 0.4
"""what is shown after the last line: a mouth that closes"""
AGAIN_S = 1.0
"""between a session that failed and the next"""


@dataclass(frozen=True, slots=True)
class Unattended:
    """What to speak, and where to carry it."""

    outputs: Sequence[str]
    """names, as the setting `outputs` has them"""
    script: Script | None
    """None only stays there, for texts that come by the routes"""

    async def run(self, house: House, address: str) -> None:
        """Until the script is done; a session that fails is followed by another. Tells where to watch it.

        Raises:
            OutputError: none of the outputs can go on.
            LivetalkError: the avatar, or an output, is not to be had.
        """
        while not await self._session(house, address):
            logger.warning("the session failed; another begins in %g s", AGAIN_S)
            await asyncio.sleep(AGAIN_S)

    async def _session(self, house: House, address: str) -> bool:
        """Open one and see it through; whether all was said."""
        avatar = await house.faces.get(house.service.default_avatar)
        session = await house.attendance.open(avatar, lasting=True)
        try:
            for name in self.outputs:
                await house.outputs.start(session.id, name)
            sys.stdout.write(f"session {session.id}\nwatch it at {address}/#session={session.id}\n")
            sys.stdout.flush()
            speaker = _Speaker(session)
            tasks = [
                asyncio.create_task(each)
                for each in (
                    speaker.closed(),
                    self._speak(speaker, house, session.id),
                    _watch(house, session.id),
                )
            ]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                return tasks[0] not in done
            finally:
                speaker.end()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            await house.attendance.end(session.id)

    async def _speak(self, speaker: _Speaker, house: House, session_id: str) -> None:
        """Say the script, once the outputs take it; not for ever, a server may be away for long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STARTING_S):
                while any(
                    each.state == "starting" for _, each in house.outputs.statuses(session_id).values()
                ):
                    await asyncio.sleep(LOOK_S)
        await speaker.speak(self.script)


class _Speaker:
    """Says lines one after another, each once the one before was played."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._closed = asyncio.Event()
        self._lines: dict[int, asyncio.Event] = {}
        """those that are being said"""
        self.end = session.events.listen(self._listen)

    async def closed(self) -> None:
        """Wait until the session is."""
        await self._closed.wait()

    async def speak(self, script: Script | None) -> None:
        """Say all lines; without any, stay."""
        if script is None:
            await asyncio.Event().wait()
        else:
            for number, line in enumerate(script.lines()):
                await self._say(number, line)
                await asyncio.sleep(script.pause_s)
            await asyncio.sleep(TAIL_S)

    async def _say(self, number: int, line: str) -> None:
        said = self._lines[number] = asyncio.Event()
        try:
            self._session.say(line, fields={"line": number})
            await said.wait()
        except InvalidRequest as error:
            logger.warning("a line is left out: %s", error)
        except TooManyRequests:
            logger.info("a line is left out: others wait already")
            await asyncio.sleep(FULL_S)
        finally:
            del self._lines[number]

    def _listen(self, event: Event) -> None:
        self._loop.call_soon_threadsafe(self._hear, event)

    def _hear(self, event: Event) -> None:
        if isinstance(event, ClosedEvent):
            self._closed.set()
        said = self._lines.get(event.fields.get("line", -1))
        if said is not None and _is_done(event):
            said.set()


def _is_done(event: Event) -> bool:
    """Whether nothing more comes of a line."""
    match event:
        case InterruptedEvent() | ErrorEvent(over=True) | EndEvent(last=True):
            return True
    return False


async def _watch(house: House, session_id: str) -> None:
    """Tell what becomes of the outputs; done when they are."""
    before: dict[str, str] = {}
    while True:
        statuses = house.outputs.statuses(session_id)
        for output_id, (name, status) in statuses.items():
            if before.get(output_id) != status.state:
                before[output_id] = status.state
                logger.info("%s: %s%s", name, status.state, f", {status.detail}" if status.detail else "")
        if statuses and all(status.state in ("failed", "stopped") for _, status in statuses.values()):
            failed = [f"{name}: {each.detail}" for name, each in statuses.values() if each.state == "failed"]
            if failed:
                raise OutputError("; ".join(failed))
            return
        await asyncio.sleep(LOOK_S)


__all__ = ["Unattended"]
