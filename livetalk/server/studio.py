"""Studio: the recorders at work, a film and a clip of a session at most, within the room that all share."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

from livetalk.broadcast.spoken import TAIL_S, Spoken
from livetalk.errors import Conflict, OutOfRoom, OutputError, StageError, Unavailable
from livetalk.events import RecordingEvent
from livetalk.metrics import Metrics
from livetalk.protocols import OutputOptions
from livetalk.server.archive import DETAILS, Archive, Reason, Recording
from livetalk.server.attendance import Attendance
from livetalk.server.takes import Kind, Take, ended
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
WRITE_LIMIT_S = 3.0
"""how long a clip may be behind what was said"""


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
        self._running: dict[tuple[str, Kind], Take] = {}
        """by session"""
        self._beginning: set[tuple[str, Kind]] = set()
        """for which files are made just now"""
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

    async def record(self, session_id: str, kind: Kind = "film") -> Recording:
        """Begin to record a session.

        Raises:
            NotFound: there is no such session.
            Conflict: it is recorded already.
            OutOfRoom: no more can be kept.
            Unavailable: files cannot be written here.
        """
        session = self._attendance.session(session_id)
        key = session_id, kind
        if key in self._running or key in self._beginning:
            raise Conflict("this session is recorded already; end that recording first")
        self._beginning.add(key)
        try:
            running = await self._begin(session, kind)
        finally:
            self._beginning.discard(key)
        self._tell(running)
        return running.recording

    async def end(self, session_id: str) -> Recording:
        """End a session's recording.

        Raises:
            NotFound: there is no such session.
            Conflict: it is not recorded.
        """
        running = self._running.get((session_id, "film"))
        if running is None:
            self._attendance.session(session_id)
            raise Conflict("this session is not recorded; start a recording first")
        await self._end(running, "")
        return running.recording

    async def remove(self, recording: Recording) -> None:
        """Remove a recording; end it first if it runs."""
        running = self._find(recording)
        if running is not None:
            await self._end(running, "")
        await in_thread(partial(self._archive.remove, recording))

    async def settle(self, recording: Recording) -> None:
        """Wait until a clip's file has all that was said so far."""
        running = self._find(recording)
        if running is not None and running.spoken is not None:
            due = running.spoken.due
            await asyncio.sleep(TAIL_S)
            await in_thread(partial(running.recorder.wait_for, due, WRITE_LIMIT_S))

    async def now(self, recording: Recording) -> tuple[Recording, int]:
        """A recording as it is now, and its bytes."""
        running = self._find(recording)
        if running is not None:
            recording = replace(recording, seconds=running.recorder.status().ticks * FRAME_S)
        return recording, await in_thread(partial(self._archive.size, recording))

    # -- inside -----------------------------------------------------------------------------------

    def _find(self, recording: Recording) -> Take | None:
        return next((each for each in self._running.values() if each.recording.id == recording.id), None)

    async def _begin(self, session: Session, kind: Kind) -> Take:
        if not self.open:
            raise OutOfRoom("this server records nothing: its setting recordings_mb is 0")
        try:
            left = self._room - await in_thread(self._archive.total) - self._kept_free(1)
            if left <= 0:
                raise OutOfRoom(DETAILS["no_room"])
            async with AsyncExitStack() as undo:
                running = await self._started(session, kind, left, undo)
                close = partial(self._close, running)
                running.attached_id = self._attendance.attach(session.id, close, holds=False)
                undo.pop_all()
        except (OSError, OutputError) as error:
            logger.error("a recording could not begin: %s", error)
            raise Unavailable("recordings cannot be written here; the server's log says why") from error
        self._running[session.id, kind] = running
        self._metrics.recordings.inc()
        return running

    async def _started(self, session: Session, kind: Kind, limit_bytes: int, undo: AsyncExitStack) -> Take:
        """A recorder at work on a file of its own; `undo` is handed what takes both back."""
        archive = self._archive
        owner = session.id if kind == "film" else f"{session.id} {kind}"  # only films are listed
        recording = await in_thread_or_undone(lambda: archive.create(owner), undo=archive.remove)
        undo.push_async_callback(in_thread, partial(archive.remove, recording))
        recorder = Recorder(archive.path(recording), self._options, limit_bytes)
        spoken = Spoken(session.broadcast, session.events) if kind == "clip" else None
        source = spoken or session.broadcast
        await in_thread_or_undone(lambda: recorder.start(source), undo=lambda _started: recorder.stop())
        undo.push_async_callback(in_thread, recorder.stop)
        return Take(recording, recorder, session, spoken)

    async def _end(self, running: Take, reason: Reason) -> None:
        running.reason = reason
        await self._attendance.detach(running.session.id, running.attached_id)

    async def _close(self, running: Take) -> None:
        """End a recorder and note how it went; whatever ends a recording comes here, once."""
        if running.recorder.status().state == "stopped":
            running.reason = "no_room"
        try:
            await in_thread(running.recorder.stop)
        except StageError as error:
            logger.error("a recording did not end: %s", error)
        finally:
            self._running.pop((running.session.id, running.kind), None)
            self._metrics.recordings.dec()
        running.recording = ended(running.recording, running.recorder.status(), running.reason)
        put_away = self._archive.end if running.kind == "film" else self._archive.remove
        try:
            await in_thread(partial(put_away, running.recording))
        except OSError as error:
            logger.error("the end of a recording could not be noted: %s", error)
        self._tell(running)

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
    def _tell(running: Take) -> None:
        recording = running.recording
        if running.kind == "film":
            told = {"state": recording.state, "reason": recording.reason, "detail": DETAILS[recording.reason]}
            running.session.events.tell(RecordingEvent(id=recording.id, **told))


__all__ = ["Studio"]
