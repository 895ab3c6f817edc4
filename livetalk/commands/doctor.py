"""`livetalk doctor`: what a start with these settings would meet on this machine."""

from __future__ import annotations

import logging
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from livetalk import flags
from livetalk.commands import STOPPED
from livetalk.doctor import report
from livetalk.doctor.checks import CHECKS
from livetalk.doctor.examination import examine
from livetalk.doctor.finding import Finding, Mark
from livetalk.errors import SettingsError
from livetalk.settings import Settings, load_for

WIDEST = 110
"""columns of a line, on a terminal that has more"""


def run(arguments: Sequence[str]) -> int:
    """Look, and tell, settings that cannot be read too; the exit status is 0 when nothing failed."""
    as_json = "--json" in arguments
    try:
        settings, _ = load_for(_line(), tuple(Settings.model_fields), arguments)
    except SettingsError as error:
        broken = Finding("settings", Mark.FAIL, str(error), "see livetalk --help")
        return _conclude([broken], as_json, tell=True)
    findings = []
    logging.disable(logging.CRITICAL)  # what libraries log would stand between the lines
    try:
        for finding in examine(CHECKS, settings):
            findings.append(finding)
            if not as_json:
                _tell(finding)
    except KeyboardInterrupt:
        sys.stderr.write("livetalk: stopped\n")
        return STOPPED
    finally:
        logging.disable(logging.NOTSET)
    return _conclude(findings, as_json)


def _line() -> ArgumentParser:
    line = flags.parser(
        "doctor",
        "Look this machine over with the settings that the server would have: packages, weights, GPU, voice, "
        "language model, recogniser, encoder, ports, addresses, STUN and TURN servers, devices, disk. "
        "Nothing is changed. The status is 1 when something fails.",
        usage=f"{flags.PROGRAM} doctor [--json] [--setting VALUE ...]",
    )
    line.add_argument("--json", action="store_true", help="tell it as JSON, for machines")
    return line


def _tell(finding: Finding) -> None:
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 0)).columns)
    sys.stdout.write(report.lines(finding, width) + "\n")
    sys.stdout.flush()


def _conclude(findings: Sequence[Finding], as_json: bool, tell: bool = False) -> int:
    if as_json:
        sys.stdout.write(report.as_json(findings) + "\n")
    else:
        for finding in findings if tell else ():
            _tell(finding)
        sys.stdout.write(f"\n{report.summary(findings)}\n")
    return 0 if report.healthy(findings) else 1


__all__ = ["run"]
