"""Jobs: avatars that a server makes, one after the other, each followed until it is over."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from livetalk.avatar.writing import free_place
from livetalk.creation.bench import bench_in, clear_benches
from livetalk.creation.job import Job, JobState, Noted, Wanted, Work
from livetalk.creation.making import NewAction, Places, check_action, make, make_action, make_without
from livetalk.creation.naming import in_senders_names
from livetalk.creation.worker import Told
from livetalk.errors import (
    AvatarError,
    Cancelled,
    Conflict,
    ModelError,
    NotFound,
    OutOfRoom,
    RequestError,
    TooManyRequests,
    Unavailable,
)
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

MOST_WAITING = 4
KEPT = 50
"""jobs that are over and can still be asked about"""


class Jobs:
    """Makes avatars on a thread of its own; any thread may ask."""

    def __init__(self, places: Places, changed: Callable[[str], object] = str) -> None:
        """Make them in `places`; `changed` is told the id of each avatar that is another one now."""
        self._places = places
        self._changed = changed
        self._lock = threading.Condition()
        self._jobs: dict[str, Job] = {}
        self._work: dict[str, Work] = {}
        self._queue: deque[str] = deque()
        self._taken: set[str] = set()
        """avatars that are changed at once"""
        self._listeners: list[Callable[[Job], None]] = []
        self._stopping = False
        self._thread = Worker("avatar-jobs", self._run)

    def start(self) -> None:
        """Remove what earlier runs left, and begin to work."""
        clear_benches(self._places.avatars)
        self._thread.start()

    def stop(self) -> None:
        """Cancel what is left, and end."""
        with self._lock:
            self._stopping = True
            left = [*self._work.values()]
            self._lock.notify_all()
        for work in left:
            work.cancel.cancel()
        self._thread.wait()

    def check_room(self, coming: int = 0) -> None:
        """Refuse what could not wait here, besides what is made, waits, and `coming` more that are uploaded.

        Raises:
            TooManyRequests: too many wait.
            Unavailable: no more are made.
        """
        if self._stopping:
            raise Unavailable("the server is stopping; try again when it is back")
        count = len(self._making()) + coming
        if count > MOST_WAITING:
            raise TooManyRequests(f"{count} avatars are being made; try again when one is done")

    def check(self, avatar_id: str, action: NewAction | None = None) -> None:
        """Refuse what could not be made now.

        Raises:
            InvalidRequest: the id, or the action's name, is none.
            Conflict: it is taken, or being made.
            NotFound: an action is for an avatar that is not there.
            TooManyRequests: too many wait.
        """
        self._check_alone(avatar_id)
        self.check_room()
        if action is None:
            free_place(self._places.avatars, avatar_id)
        else:
            check_action(self._places.avatars, avatar_id, action)

    def is_free(self, avatar_id: str) -> bool:
        """Whether nothing is called so, nor being made."""
        making = {job.avatar_id for job in self._making()}
        return avatar_id not in making and not (self._places.avatars / avatar_id).exists()

    def remove_action(self, avatar_id: str, action: str) -> None:
        """Take an action from an avatar, at once; no job is taken for it meanwhile.

        Raises:
            NotFound: there is no such avatar, or it has no such action.
            Conflict: it is being made, or its plan shows the action.
            AvatarError: it is damaged.
            OutOfRoom: its folder cannot be written.
        """
        with self._alone(avatar_id):
            try:
                with bench_in(self._places.avatars) as bench:
                    make_without(avatar_id, action, self._places, bench)
            except OSError as error:
                raise OutOfRoom(f"{avatar_id} cannot be changed: {error.strerror}") from error
            self._changed(avatar_id)

    @contextmanager
    def _alone(self, avatar_id: str) -> Iterator[None]:
        with self._lock:
            self._check_alone(avatar_id)
            self._taken.add(avatar_id)
        try:
            yield
        finally:
            with self._lock:
                self._taken.discard(avatar_id)

    def _check_alone(self, avatar_id: str) -> None:
        making = [job for job in self._making() if job.avatar_id == avatar_id]
        if avatar_id in self._taken or any(job.action for job in making):
            raise Conflict(f"{avatar_id} is being changed just now; try again when that is done")
        if making:
            raise Conflict(f"an avatar {avatar_id!r} is being made; wait for it, or choose another id")

    def _making(self) -> list[Job]:
        with self._lock:
            return [job for job in self._jobs.values() if not job.over]

    def submit(self, wanted: Wanted, source: Path, bench: Path, room: ExitStack) -> Job:
        """Take a job; what `room` holds, the bench among it, is let go when it is over.

        Raises:
            RequestError: as `check`; `room` stays the caller's then.
        """
        recipe = wanted.recipe
        job = Job(
            id=secrets.token_hex(16),
            avatar_id=wanted.avatar_id,
            action=wanted.action.name if wanted.action else "",
            name=recipe.name,
            engines=recipe.engines,
            began=time.time(),
            cuts=recipe.cut_out in ("key", "person", "auto"),
        )
        with self._lock:
            self.check(wanted.avatar_id, wanted.action)
            self._forget_old()
            self._jobs[job.id] = job
            self._work[job.id] = Work(source, recipe, wanted.action, bench, room.pop_all(), wanted.names)
            self._queue.append(job.id)
            self._lock.notify_all()
        return job

    def find(self, job_id: str) -> Job:
        """How a job stands.

        Raises:
            NotFound: there is none of this id, or it was over long ago.
        """
        with self._lock:
            if job_id not in self._jobs:
                raise NotFound("no avatar is being made under this id")
            return self._jobs[job_id]

    def all(self) -> list[Job]:
        """All that are known, the latest first."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: job.began, reverse=True)

    def cancel(self, job_id: str) -> Job:
        """End a job that is not over; one that is stays as it is."""
        self.find(job_id)
        with self._lock:
            work = self._work.get(job_id)
        if work is not None:
            work.cancel.cancel()
            with self._lock:
                waiting = job_id in self._queue
                if waiting:
                    self._queue.remove(job_id)
            if waiting:
                self._end(job_id, "cancelled")
        return self.find(job_id)

    def listen(self, told: Callable[[Job], None]) -> Callable[[], None]:
        """Have `told` called with each job that changes, by the thread that works; it must not block.

        Returns:
            What ends it.
        """
        with self._lock:
            self._listeners.append(told)

        def end() -> None:
            with self._lock:
                self._listeners = [each for each in self._listeners if each is not told]

        return end

    def _run(self) -> None:
        while (job_id := self._next()) is not None:
            self._do(job_id)
        for job_id in [*self._work]:
            self._end(job_id, "cancelled")

    def _next(self) -> str | None:
        with self._lock:
            while not (self._queue or self._stopping):
                self._lock.wait()
            return None if self._stopping else self._queue.popleft()

    def _do(self, job_id: str) -> None:
        job, work = self.find(job_id), self._work[job_id]
        self._change(job_id, lambda job: replace(job, state="working"))
        try:
            self._make(job, work)
        except Cancelled:
            self._end(job_id, "cancelled")
        except (AvatarError, ModelError, RequestError) as error:
            self._end(job_id, "failed", in_senders_names(str(error), work.names))
        except OSError as error:
            logger.exception("an avatar could not be made")
            self._end(job_id, "failed", f"the server could not make it: {error.strerror or error}")
        except Exception:
            logger.exception("an avatar could not be made")
            self._end(job_id, "failed", "the server could not make it; its log says more")
        else:
            self._changed(job.avatar_id)
            self._end(job_id, "done")

    def _make(self, job: Job, work: Work) -> None:
        def hear(told: Told) -> None:
            self._hear(job.id, work.bench, told)

        rest = (work.recipe, self._places, work.bench, hear, work.cancel)
        if work.action is None:
            make(work.source, job.avatar_id, *rest)
        else:
            make_action(work.source, job.avatar_id, work.action, *rest)

    def _hear(self, job_id: str, bench: Path, told: Told) -> None:
        if told.kind == "step":
            self._change(job_id, lambda job: replace(job, step=told.step, share=told.share))
        elif told.doubt is not None:
            name = Path(told.picture).name
            picture = (bench / "scratch" / name).read_bytes() if name else b""
            noted = Noted(told.doubt, told.text, picture)
            self._change(job_id, lambda job: replace(job, noted=(*job.noted, noted)))

    def _end(self, job_id: str, state: JobState, error: str = "") -> None:
        with self._lock:
            work = self._work.pop(job_id, None)
        if work is not None:
            work.room.close()
        self._change(job_id, lambda job: replace(job, state=state, error=error, ended=time.time()))

    def _change(self, job_id: str, change: Callable[[Job], Job]) -> None:
        with self._lock:
            job = self._jobs[job_id] = change(self._jobs[job_id])
            listeners = [*self._listeners]
        for told in listeners:
            told(job)

    def _forget_old(self) -> None:
        over = sorted((job.ended or 0, job.id) for job in self._jobs.values() if job.over)
        for _, job_id in over[: max(0, len(over) - KEPT)]:
            del self._jobs[job_id]


__all__ = ["Jobs"]
