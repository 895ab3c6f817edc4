"""The parent's end of the process that makes an avatar."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import IO

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from livetalk.cancellation import Cancellation
from livetalk.creation import worker as wire
from livetalk.creation.limits import Limits
from livetalk.creation.worker import Order, Told
from livetalk.errors import AvatarError, Cancelled
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

SECRETS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")
"""in the names of variables"""
LAST_LINES = 20
"""of what a process that died had printed, for the log"""
LONGEST_LINE = 20_000


def run(order: Order, tell: Callable[[Told], None], cancel: Cancellation) -> None:
    """Have an order done in a process of its own; returns once its folder holds the bundle.

    Raises:
        AvatarError: it cannot be made, crashed, or took too long; says why.
        Cancelled: nobody wants it any more.
    """
    line = _line(order)
    process = subprocess.Popen(
        [sys.executable, "-m", wire.__name__],
        env=_without_secrets(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    last: deque[str] = deque(maxlen=LAST_LINES)
    overdue = Cancellation()
    deadline = _Deadline(order.limits, overdue)

    def hear(told: Told) -> None:
        if told.step == "prepare":
            deadline.prepare()
        tell(told)

    log = Worker("avatar-log", lambda: last.extend(process.stderr or ()))
    unwatch = [each.watch(process.kill) for each in (cancel, overdue)]
    try:
        log.start()
        end = _hear(process, line, hear)
    finally:
        deadline.end()
        for each in unwatch:
            each()
        process.kill()
        process.wait()
        log.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            _close(pipe)
    _check(end, process.returncode, cancel, overdue, "".join(last))


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """What a process that reads foreign media may know of this one's surroundings."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("LIVETALK_") and not any(word in name.upper() for word in SECRETS)
    }


class _Deadline:
    """Cancels what takes too long: all steps, and then the last one for itself."""

    def __init__(self, limits: Limits, overdue: Cancellation) -> None:
        self._limits = limits
        self._overdue = overdue
        self._preparing = False
        self._timer = self._begin(limits.work_s)

    def prepare(self) -> None:
        """The last step has begun."""
        if not self._preparing:
            self._preparing = True
            self._timer.cancel()
            self._timer = self._begin(self._limits.prepare_s)

    def end(self) -> None:
        """It is over in time."""
        self._timer.cancel()

    def _begin(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._overdue.cancel)
        timer.name = "avatar-deadline"
        timer.start()
        return timer


def _line(order: Order) -> str:
    try:
        return order.model_dump_json() + "\n"
    except PydanticSerializationError as error:
        raise AvatarError(
            f"{str(order.source)!a}: a name in it is not UTF-8; rename the file, or the folder"
        ) from error


def _close(pipe: IO[str] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except BrokenPipeError:
        logger.debug("the process ended before it read its order")


def _hear(process: subprocess.Popen[str], line: str, tell: Callable[[Told], None]) -> Told | None:
    """Pass on what it tells; its last word comes back, None where there is none."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(line)
        process.stdin.flush()  # stays open: its end would end the process
    except BrokenPipeError:
        return None
    while answer := process.stdout.readline(LONGEST_LINE):
        try:
            told = Told.model_validate_json(answer)
        except ValidationError:
            return None
        if told.kind in ("done", "failed"):
            return told
        tell(told)
    return None


def _check(end: Told | None, status: int, cancel: Cancellation, overdue: Cancellation, printed: str) -> None:
    if end is not None and end.kind == "done":
        return
    if cancel():
        raise Cancelled("this was cancelled")
    if overdue():
        raise AvatarError("making it took too long; choose a shorter part, or a smaller size")
    if end is not None:
        raise AvatarError(end.text)
    logger.error("making an avatar ended with status %d: %s", status, printed)
    raise AvatarError("this file crashed what reads it; convert it (to mp4, or jpg), or choose another")


__all__ = ["run"]
