"""Archive: the recordings on disk, each a film and a note beside it; what is old is removed."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

import av

from livetalk.errors import NotFound

logger = logging.getLogger(__name__)

DAY_S = 86_400
_ID = re.compile(r"[0-9a-f]{32}")

RecordingState: TypeAlias = Literal["recording", "ended", "failed"]
Reason: TypeAlias = Literal["", "session_ended", "no_room", "server_stopped", "disk", "empty"]
"""why a recording is over; "" for one that runs, or that somebody ended"""
DETAILS: Mapping[Reason, str] = {
    "": "",
    "session_ended": "the session ended",
    "no_room": "the room for recordings is used up (setting recordings_mb); remove some, then record again",
    "server_stopped": "the server stopped before it was ended",
    "disk": "its file took no more; the server's log says why",
    "empty": "nothing was played yet, so there is no film",
}
"""the same for people"""


@dataclass(frozen=True, slots=True)
class Recording:
    """One film, and what is known of it."""

    id: str
    """128 random bits; knowing it is the right to the film"""
    owner: str
    """hash of the session's id, which lists it; the id itself is not kept"""
    started: float
    """seconds since 1970"""
    seconds: float = 0.0
    """that were recorded; of one that runs, when last looked at"""
    state: RecordingState = "recording"
    reason: Reason = ""


class Archive:
    """A folder of recordings; any thread may call it. It holds the folder's own, from earlier runs too."""

    def __init__(self, folder: Path, days: float, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._keep_s = days * DAY_S
        self._clock = clock
        self._lock = threading.Lock()
        self._recordings: dict[str, Recording] = {}

    def load(self) -> None:
        """Find what earlier runs left."""
        found = [_read(note) for note in self._folder.glob("*.json")]
        with self._lock:
            self._recordings.update({each.id: each for each in found if each is not None})

    def create(self, session_id: str) -> Recording:
        """Note a new recording of a session, which begins now.

        Raises:
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        recording = Recording(secrets.token_hex(16), owner_of(session_id), self._clock())
        try:
            self.keep(recording)
        except OSError:
            self._forget(recording)
            raise
        return recording

    def keep(self, recording: Recording) -> None:
        """Note what changed of a recording.

        Raises:
            OSError: the folder cannot be written.
        """
        with self._lock:
            self._recordings[recording.id] = recording
        note = self._folder / f"{recording.id}.json"
        part = note.with_suffix(".part")
        try:
            number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(number, "w", encoding="utf-8") as file:
                json.dump(asdict(recording), file)
            part.replace(note)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def end(self, recording: Recording) -> None:
        """Note that one is over; it is removed where it came to no film.

        Raises:
            OSError: the folder cannot be written.
        """
        if self.path(recording).exists():
            self.keep(recording)
        else:
            self.remove(recording)

    def find(self, asked: str) -> Recording:
        """The recording of this id, or the latest of the session of this id.

        Raises:
            NotFound: there is none.
        """
        with self._lock:
            found = self._recordings.get(asked)
        if found is None:
            latest = self.of(asked)[-1:]
            if not latest:
                raise NotFound("no such recording; it may have been removed")
            found = latest[0]
        return found

    def of(self, session_id: str) -> list[Recording]:
        """A session's, in the order they began; the session may be over."""
        owner = owner_of(session_id)
        with self._lock:
            found = [each for each in self._recordings.values() if each.owner == owner]
        return sorted(found, key=lambda each: each.started)

    def path(self, recording: Recording) -> Path:
        """Its film."""
        return self._folder / f"{recording.id}.mp4"

    def size(self, recording: Recording) -> int:
        """Bytes of its film; 0 where there is none."""
        return _size(self.path(recording))

    def total(self) -> int:
        """Bytes of all films in the folder."""
        return sum(_size(path) for path in self._folder.glob("*.mp4"))

    def remove(self, recording: Recording) -> None:
        """Remove a recording that does not run."""
        self._forget(recording)
        for path in (self.path(recording), self._folder / f"{recording.id}.json"):
            path.unlink(missing_ok=True)

    def remove_old(self) -> None:
        """Remove what is older than the days that recordings are kept."""
        before = self._clock() - self._keep_s
        with self._lock:
            recordings = [*self._recordings.values()]
        for recording in recordings:
            if recording.state != "recording" and recording.started + recording.seconds < before:
                self.remove(recording)
                logger.info("a recording was removed, it was kept for %g days", self._keep_s / DAY_S)

    def _forget(self, recording: Recording) -> None:
        with self._lock:
            self._recordings.pop(recording.id, None)


def owner_of(session_id: str) -> str:
    """What is kept of a session's id; nobody gets from it to the id."""
    return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()


def _size(film: Path) -> int:
    try:
        return film.stat().st_size
    except FileNotFoundError:
        return 0


def _read(note: Path) -> Recording | None:
    """A recording of an earlier run; None where its note or its film is not usable."""
    try:
        recording = Recording(**json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        logger.warning("%s is no note of a recording: %s", note.name, error)
        return None
    film = note.with_suffix(".mp4")
    if recording.id != note.stem or not _ID.fullmatch(recording.id) or not film.is_file():
        return None
    if recording.state == "recording":
        return replace(recording, state="ended", seconds=_length_s(film), reason="server_stopped")
    return recording


def _length_s(film: Path) -> float:
    try:
        with av.open(f"file:{film.absolute()}") as container:
            return (container.duration or 0) / av.time_base
    except (OSError, av.FFmpegError) as error:
        logger.warning("%s cannot be played: %s", film.name, error)
        return 0.0


__all__ = ["DETAILS", "Archive", "Reason", "Recording", "RecordingState", "owner_of"]
