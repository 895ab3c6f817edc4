"""`livetalk render`: a recording becomes a clip of a face that says it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from livetalk import flags
from livetalk.commands.clips import (
    CLIP_SETTINGS,
    CLIPS,
    backdrop,
    crf,
    load_avatar,
    marked,
    marking,
    note,
    until_stopped,
)
from livetalk.errors import RenderError, SettingsError
from livetalk.protocols import EngineAvatar, EngineSpec
from livetalk.registry import make_engine
from livetalk.render.clip_file import CRF, KINDS, clip_file
from livetalk.render.partial import check_file, check_folder
from livetalk.render.progress import Progress
from livetalk.render.recording import Recording, read_recording
from livetalk.render.rendering import Way, render
from livetalk.render.stills import Write, png_folder, raw_file
from livetalk.settings import Settings, load_for

DESCRIPTION = "Make a clip of a face that says a recording: a picture for each started 40 ms of its sound."


def run(arguments: Sequence[str]) -> int:
    """Render a recording.

    Raises:
        LivetalkError: something is missing, or cannot be read or written; says what to do.
    """
    return until_stopped(lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> None:
    settings, asked = load_for(_line(), CLIP_SETTINGS, arguments)
    _check(asked)
    _render(settings, asked)


def _line() -> argparse.ArgumentParser:
    line = flags.parser("render", DESCRIPTION)
    files = line.add_argument_group("files")
    files.add_argument("--audio", type=Path, required=True, metavar="FILE", help="the recording")
    files.add_argument("--out", type=Path, metavar="FILE", help=f"write a clip: {CLIPS}")
    files.add_argument("--png", type=Path, metavar="FOLDER", help="write each picture: 00000000.png ...")
    files.add_argument("--raw", type=Path, metavar="FILE", help="write the pictures as raw I420")
    files.add_argument("--force", action="store_true", help="replace files that are there already")
    ways = line.add_argument_group("ways")
    files.add_argument(
        "--crf", type=crf, default=CRF, metavar="N", help=f"x264's quality, 0 to 51, less is finer ({CRF})"
    )
    ways.add_argument("--stream", action="store_true", help="make the pictures as the live pipeline does")
    ways.add_argument(
        "--lookahead-ms",
        type=int,
        metavar="N",
        help="sound after a picture's own that a stream waits for (as little as the engine needs)",
    )
    ways.add_argument(
        "--compare", action="store_true", help="make them whole and streamed, and print how far they differ"
    )
    return line


def _check(asked: argparse.Namespace) -> None:
    """Refuse what cannot work before anything is read or loaded."""
    if not (asked.out or asked.png or asked.raw or asked.compare):
        raise SettingsError("nothing to make; give --out clip.mp4, --png FOLDER, --raw FILE or --compare")
    if asked.lookahead_ms is not None and not (asked.stream or asked.compare):
        raise SettingsError("--lookahead-ms is for --stream; without, the whole recording is heard at once")
    for path, suffixes in ((asked.out, KINDS), (asked.raw, ())):
        if path:
            check_file(path, suffixes, asked.force)
            if path.exists() and asked.audio.exists() and path.samefile(asked.audio):
                raise RenderError(f"{path} is the recording; choose another name")
    if asked.png:
        check_folder(asked.png)
    places = [path.absolute() for path in (asked.out, asked.png, asked.raw) if path]
    if len({*places}) < len(places):
        raise SettingsError("two of --out, --png and --raw name the same place; give each its own")


def _render(settings: Settings, asked: argparse.Namespace) -> None:
    mark = marking(settings)
    recording = read_recording(asked.audio)
    engine = make_engine(settings.engine)
    way = Way(asked.stream, asked.compare, _lookahead_ms(engine.spec, asked.lookahead_ms))
    avatar = load_avatar(engine, settings)
    below = backdrop(settings, avatar, [asked.out] if asked.out else [])
    with ExitStack() as files:
        progress = files.enter_context(Progress(recording.pictures, sys.stderr))
        about = note(engine.spec, avatar)
        writes = _open(files, asked, avatar, recording, about, transparent=below is None)
        comparison = render(engine, avatar, recording, way, marked(mark, writes), progress.step, below)
    if comparison is not None:
        sys.stdout.write(f"whole against streamed, {way.lookahead_ms} ms ahead: {comparison}\n")


def _open(
    files: ExitStack,
    asked: argparse.Namespace,
    avatar: EngineAvatar,
    recording: Recording,
    note: str,
    *,
    transparent: bool,
) -> list[Write]:
    writes = []
    if asked.out:
        size = (avatar.bundle.width, avatar.bundle.height)
        clip = clip_file(asked.out, recording, size, note, asked.crf, transparent=transparent)
        writes.append(files.enter_context(clip))
    if asked.png:
        writes.append(files.enter_context(png_folder(asked.png)))
    if asked.raw:
        writes.append(files.enter_context(raw_file(asked.raw)))
    return writes


def _lookahead_ms(spec: EngineSpec, asked_ms: int | None) -> int:
    if asked_ms is not None and asked_ms < spec.context_ms:
        raise SettingsError(
            f"engine {spec.name!r} has to hear {spec.context_ms} ms ahead; --lookahead-ms cannot be less"
        )
    return spec.context_ms if asked_ms is None else asked_ms
