"""`livetalk mark`: whether a clip carries the invisible watermark, and which."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from livetalk import flags
from livetalk.marking.code import parse_payload
from livetalk.marking.detection import CERTAIN, Finding, found_in
from livetalk.marking.film import luma_of

DESCRIPTION = "Look for livetalk's invisible watermark in a video or a picture."
EPILOG = (
    "The exit status is 0 where the mark was found and read, and is the one of --expect; else 1. "
    f"It counts as found where one in {1 / CERTAIN:,.0f} unmarked files would look like it, or fewer."
)
FOUND, NOT_FOUND = 0, 1


def run(arguments: Sequence[str]) -> int:
    """Look, and tell.

    Raises:
        LivetalkError: the file cannot be read, or --expect is no payload.
    """
    line = flags.parser("mark", DESCRIPTION, EPILOG)
    line.add_argument("file", type=Path, metavar="FILE")
    line.add_argument("--expect", metavar="PAYLOAD", help="as in the setting watermark: is it this one?")
    asked = line.parse_args(arguments)
    expected = None if asked.expect is None else parse_payload(asked.expect)
    finding = found_in(luma_of(asked.file))
    told = _tell(finding)
    found = finding.certain and finding.payload is not None
    if found and expected is not None:
        found = finding.payload == expected
        told += "; it is the expected one" if found else f"; it is not the expected 0x{expected:08x}"
    sys.stdout.write(told + "\n")
    return FOUND if found else NOT_FOUND


def _tell(finding: Finding) -> str:
    looked = f"{finding.pictures} pictures"
    if not finding.certain:
        return f"no watermark found in {looked}"
    chance = f"an unmarked file looks like this with a chance of {finding.chance:.0e} at most"
    if finding.payload is None:
        return f"traces of a watermark in {looked}, too faint to be read; {chance}"
    return f"watermark 0x{finding.payload:08x} in {looked}, strength {finding.strength:.2f} of 1; {chance}"
