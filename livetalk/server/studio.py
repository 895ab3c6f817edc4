"""Studio: the recorders at work; one for a session at most, within the room that all of them share."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial

from livetalk.errors import Conflict, OutOfRoom, OutputError, StageError, Unavailable
from livetalk.events import Event
from livetalk.metrics import Metrics
from livetalk.protocols import OutputOptions, OutputStatus
from livetalk.server.archive import DETAILS, Archive, Reason, Recording
from livetalk.server.attendance import Attendance
from livetalk.server.threads import in_thread, in_thread_or_undone
from livetalk.session import Session
from livetalk.transports.recorder import Recorder
from livetalk.types import FRAME_S

logger = logging.getLogger(__name__)

SWEEP_S = 1.0
"""how often recordings are looked at"""
AHEAD_S = 3 * SWEEP_S
"""of each recording that runs, for which room is kept, so that all end within it"""
INDEX = 100
"""bytes of the index that ends a film, for each tick, at the most"""


@dataclass(slots=True)
class _Running:
    """A recorder at work."""

    recording: Recording
    recorder: Recorder
    session: Session
    attached_id: str = ""
    reason: Reason = "session_ended"
    """why it ends, unless the recorder says so"""


class Studio:
    """Starts and ends recordings; each ends with its session, or where the room is used up."""

    def __init__(
        self,
        archive: Archive,
        attendance: Attendance,
        options: OutputOptions,
        room: int,
        metrics: Metrics,
    ) -> None:
        """`room` is bytes, for all recordings together."""
        self._archive = archive
        self._attendance = attendance
        self._options = options
        self._room = room
        self._metrics = metrics
        self._running: dict[str, _Running] = {}
        """by session"""
        self._beginning: set[str] = set()
        """sessions for which files are made just now"""
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def open(self) -> bool:
        """Whether there is any room at all."""
        return self._room > 0

    async def start(self) -> None:
        """Find earlier recordings, and begin to look after those to come."""
        await in_thread(self._archive.load)
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Look no more; recordings end with their sessions."""
        if self._sweeper is not None:
            self._sweeper.cancel()

    async def record(self, session_id: str) -> Recording:
        """Begin to record a session.

        Raises:
            UnknownSession: there is no such session.
            Conflict: it is recorded already.
            OutOfRoom: no more can be kept.
            Unavailable: files cannot be written here.
        """
        session = self._attendance.session(session_id)
        if session_id in self._running or session_id in self._beginning:
            raise Conflict("this session is recorded already; end that recording first")
        self._beginning.add(session_id)
        try:
            running = await self._begin(session)
        finally:
            self._beginning.discard(session_id)
        self._tell(running.session, running.recording)
        return running.recording

    async def end(self, session_id: str) -> Recording:
        """End a session's recording.

        Raises:
            UnknownSession: there is no such session.
            Conflict: it is not recorded.
        """
        running = self._running.get(session_id)
        if running is None:
            self._attendance.session(session_id)
            raise Conflict("this session is not recorded; start a recording first")
        await self._end(running, "")
        return running.recording

    async def remove(self, recording: Recording) -> None:
        """Remove a recording; end it first if it runs."""
        for running in [*self._running.values()]:
            if running.recording.id == recording.id:
                await self._end(running, "")
        await in_thread(partial(self._archive.remove, recording))

    async def now(self, recording: Recording) -> tuple[Recording, int]:
        """A recording as it is now, and its bytes."""
        for running in self._running.values():
            if running.recording.id == recording.id:
                recording = replace(recording, seconds=running.recorder.status().ticks * FRAME_S)
        return recording, await in_thread(partial(self._archive.size, recording))

    # -- inside -----------------------------------------------------------------------------------

    async def _begin(self, session: Session) -> _Running:
        if not self.open:
            raise OutOfRoom("this server records nothing: its setting recordings_mb is 0")
        try:
            left = self._room - await in_thread(self._archive.total) - self._kept_free(1)
            if left <= 0:
                raise OutOfRoom(DETAILS["no_room"])
            async with AsyncExitStack() as undo:
                running = await self._started(session, left, undo)
                close = partial(self._close, running)
                running.attached_id = self._attendance.attach(session.id, close, holds=False)
                undo.pop_all()
        except (OSError, OutputError) as error:
            logger.error("a recording could not begin: %s", error)
            raise Unavailable("recordings cannot be written here; the server's log says why") from error
        self._running[session.id] = running
        self._metrics.recordings.inc()
        return running

    async def _started(self, session: Session, limit_bytes: int, undo: AsyncExitStack) -> _Running:
        """A recorder at work on a file of its own; `undo` is handed what takes both back."""
        archive = self._archive
        recording = await in_thread_or_undone(lambda: archive.create(session.id), undo=archive.remove)
        undo.push_async_callback(in_thread, partial(archive.remove, recording))
        recorder = Recorder(archive.path(recording), self._options, limit_bytes)
        await in_thread_or_undone(
            lambda: recorder.start(session.broadcast), undo=lambda _started: recorder.stop()
        )
        undo.push_async_callback(in_thread, recorder.stop)
        return _Running(recording, recorder, session)

    async def _end(self, running: _Running, reason: Reason) -> None:
        running.reason = reason
        await self._attendance.detach(running.session.id, running.attached_id)

    async def _close(self, running: _Running) -> None:
        """End a recorder and note how it went; whatever ends a recording comes here, once."""
        if running.recorder.status().state == "stopped":
            running.reason = "no_room"
        try:
            await in_thread(running.recorder.stop)
        except StageError as error:
            logger.error("a recording did not end: %s", error)
        finally:
            self._running.pop(running.session.id, None)
            self._metrics.recordings.dec()
        running.recording = _ended(running.recording, running.recorder.status(), running.reason)
        try:
            await in_thread(partial(self._archive.end, running.recording))
        except OSError as error:
            logger.error("the end of a recording could not be noted: %s", error)
        self._tell(running.session, running.recording)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self._look_after()
            except OSError as error:
                logger.error("recordings cannot be looked after: %s", error)

    async def _look_after(self) -> None:
        await in_thread(self._archive.remove_old)
        total = await in_thread(self._archive.total)
        self._metrics.recording_bytes.set(total)
        running = [*self._running.values()]
        full = total + self._kept_free(0) > self._room
        for each in running:
            if full or each.recorder.status().state in ("stopped", "failed"):
                await self._end(each, "no_room" if full else "")
        if full and running:
            logger.warning("%d recordings ended: %s", len(running), DETAILS["no_room"])

    def _kept_free(self, more: int) -> int:
        """Bytes that recordings which run, and `more` that begin, may still take before all are ended."""
        running = [*self._running.values()]
        rate = (self._options.video.bitrate + self._options.audio_bitrate) / 8
        ticks = sum(each.recorder.status().ticks for each in running)
        return int((len(running) + more) * rate * AHEAD_S + ticks * INDEX)

    @staticmethod
    def _tell(session: Session, recording: Recording) -> None:
        told = {"id": recording.id, "state": recording.state, "reason": recording.reason}
        session.events.tell(Event("recording", {**told, "detail": DETAILS[recording.reason]}))


def _ended(recording: Recording, status: OutputStatus, reason: Reason) -> Recording:
    seconds = status.ticks * FRAME_S
    if status.state == "failed":
        return replace(recording, state="failed", seconds=seconds, reason="disk")
    if not status.ticks:
        return replace(recording, state="failed", reason="empty")
    return replace(recording, state="ended", seconds=seconds, reason=reason)


__all__ = ["Studio"]
