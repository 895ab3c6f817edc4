"""The machine itself: Python, and room on the disk."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from livetalk.doctor.finding import Finding, Mark
from livetalk.models.progress import bytes_text
from livetalk.settings import Settings, parse_outputs

OLDEST = (3, 11)
"""the oldest Python that livetalk runs on"""
LITTLE = 1 << 30
"""bytes; a decoded avatar takes about a tenth"""
TOO_LITTLE = 200 << 20


def python(_settings: Settings) -> Sequence[Finding]:
    """Its version, and where it is."""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.prefix}"
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        return [Finding("python", Mark.FAIL, found, f"livetalk needs Python {wanted} or newer")]
    return [Finding("python", Mark.OK, found)]


def disk(settings: Settings) -> Sequence[Finding]:
    """Room in the folders that are written to."""
    findings = [_room("--cache-dir", settings.cache_dir)]
    if settings.recordings_dir is not None:
        findings.append(_room("--recordings-dir", settings.recordings_dir))
    for target in parse_outputs(settings.outputs).values():
        kind, _, path = target.partition(":")
        if kind.lower() == "file":
            findings.append(_room("--outputs", Path(path.removeprefix("//")).absolute().parent))
    return findings


def _room(flag: str, folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Finding("disk", Mark.FAIL, f"{folder} cannot be written", f"name another folder: {flag}")
    free = shutil.disk_usage(there).free
    found = f"{bytes_text(free)} free for {folder}"
    if free >= LITTLE:
        return Finding("disk", Mark.OK, found)
    mark = Mark.FAIL if free < TOO_LITTLE else Mark.WARN
    return Finding("disk", mark, found, f"make room, or name a folder on another disk: {flag}")


__all__ = ["disk", "python"]
