"""`livetalk speak TEXT --out clip.mp4`: a text becomes a clip of a face that says it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
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
from livetalk.errors import SettingsError
from livetalk.registry import make_engine
from livetalk.render.clip_file import CRF, KINDS, clip_file
from livetalk.render.partial import check_file
from livetalk.render.progress import Progress
from livetalk.render.recording import Recording
from livetalk.render.rendering import Way, render
from livetalk.render.saying import say
from livetalk.settings import Settings, load_for, voice_options
from livetalk.steadfast import make_voice

DESCRIPTION = "Make a clip of a face that says a text."
SETTINGS = (
    *CLIP_SETTINGS,
    *("tts", "voice", "tts_url", "tts_model", "tts_options", "tts_timeout_s", "tts_fallback", "voices_dir"),
)


def run(arguments: Sequence[str]) -> int:
    """Speak a text into a file.

    Raises:
        LivetalkError: something is missing, or cannot be written; says what to do.
    """
    return until_stopped(lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> None:
    settings, asked = load_for(_line(), SETTINGS, arguments)
    check_file(asked.out, KINDS, asked.force)
    mark = marking(settings)
    engine = make_engine(settings.engine)
    recording = _voiced(settings, _text(asked.text))
    avatar = load_avatar(engine, settings)
    size = (avatar.bundle.width, avatar.bundle.height)
    below = backdrop(settings, avatar, [asked.out])
    about = note(engine.spec, avatar)
    with (
        Progress(recording.pictures, sys.stderr) as progress,
        clip_file(asked.out, recording, size, about, asked.crf, transparent=below is None) as write,
    ):
        way = Way(False, False, engine.spec.context_ms)
        render(engine, avatar, recording, way, marked(mark, [write]), progress.step, below)


def _line() -> argparse.ArgumentParser:
    line = flags.parser("speak", DESCRIPTION)
    line.add_argument("text", metavar="TEXT", help="what to say; - reads it from standard input")
    line.add_argument("--out", type=Path, required=True, metavar="FILE", help=f"the clip: {CLIPS}")
    line.add_argument("--force", action="store_true", help="replace a file that is there already")
    line.add_argument(
        "--crf", type=crf, default=CRF, metavar="N", help=f"x264's quality, 0 to 51, less is finer ({CRF})"
    )
    return line


def _text(asked: str) -> str:
    if asked != "-":
        return asked
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise SettingsError(f"standard input is no text: {error}") from error


def _voiced(settings: Settings, text: str) -> Recording:
    with closing(make_voice(settings.tts, voice_options(settings), settings.tts_fallback)) as tts:
        tts.load()
        return say(tts, text)
