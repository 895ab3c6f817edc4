"""All checks at once: each has its own time, and one that breaks is a finding itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

from livetalk.doctor.finding import Check, Finding, Mark
from livetalk.errors import LivetalkError
from livetalk.settings import Settings

LIMIT_S = 20.0
"""how long a check may take; those of networks and devices end sooner by themselves"""


def examine(checks: Sequence[Check], settings: Settings, limit_s: float = LIMIT_S) -> Iterator[Finding]:
    """What each check finds, in their order, as soon as it is known."""
    until = time.monotonic() + limit_s
    running = [_Running(check, settings) for check in checks]
    for each in running:
        each.thread.start()
    for each in running:
        each.thread.join(max(0.0, until - time.monotonic()))
        if each.thread.is_alive():
            found = f"not known: the check did not end within {limit_s:g} s"
            todo = "something that it asks hangs: a driver, a device, a network folder; look at the machine"
            yield Finding(each.name, Mark.FAIL, found, todo)
        else:
            yield from each.findings


class _Running:
    """A check on a thread of its own: a daemon, since one that hangs must not keep the report from ending."""

    def __init__(self, check: Check, settings: Settings) -> None:
        self.name = check.name
        self.findings: Sequence[Finding] = ()
        self.thread = threading.Thread(
            target=self._run, args=(check, settings), name=f"doctor {check.name}", daemon=True
        )

    def _run(self, check: Check, settings: Settings) -> None:
        try:
            self.findings = check.look(settings)
        except LivetalkError as error:  # says what to do
            self.findings = [Finding(check.name, Mark.FAIL, str(error))]
        except Exception as error:  # noqa: BLE001 - becomes a finding, and the other checks go on
            found = f"the check broke: {type(error).__name__}: {error}"
            self.findings = [Finding(check.name, Mark.FAIL, found, "please report this: it is a bug")]


__all__ = ["LIMIT_S", "examine"]
