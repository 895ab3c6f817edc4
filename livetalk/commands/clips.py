"""What the commands that make clips share."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence

import livetalk
from livetalk.avatars import Avatars
from livetalk.commands import STOPPED
from livetalk.errors import StageError
from livetalk.marking.marking import Mark, make_mark
from livetalk.metrics import Metrics
from livetalk.protocols import Engine, EngineAvatar, EngineSpec
from livetalk.render.stills import Write
from livetalk.settings import Settings
from livetalk.types import Picture

CLIP_SETTINGS = (
    "engine",
    "avatar",
    "avatars_dir",
    "models_dir",
    "device",
    "cache_dir",
    "label",
    "label_font",
    "watermark",
)


def until_stopped(work: Callable[[], None]) -> int:
    """Do it, unless Ctrl+C breaks it off; the exit status comes back."""
    logging.basicConfig(format="livetalk: %(message)s")
    before = set(threading.enumerate())
    try:
        work()
    except (KeyboardInterrupt, StageError) as error:
        if not _by_ctrl_c(error):
            raise
        _tell_stopped()
        if any(not each.daemon for each in set(threading.enumerate()) - before):
            logging.shutdown()
            os._exit(STOPPED)  # all files are gone; only a batch is at work, which nobody can break off
        return STOPPED
    return 0


def load_avatar(engine: Engine, settings: Settings) -> EngineAvatar:
    """Load the engine's weights, and the avatar.

    Raises:
        ModelError, AvatarError: they are missing or damaged.
    """
    engine.load(settings.models_dir, settings.device)
    return Avatars(settings.avatars_dir, settings.cache_dir, engine, 0, Metrics()).get(settings.avatar)


def marking(settings: Settings) -> Mark:
    """What is drawn into the pictures.

    Raises:
        SettingsError: it cannot be drawn; says what to do.
    """
    return make_mark(settings.label, settings.label_font, settings.watermark)


def marked(mark: Mark, writes: Sequence[Write]) -> list[Write]:
    """Mark each picture once, then write it everywhere."""

    def write(picture: Picture) -> None:
        drawn = mark(picture)
        for each in writes:
            each(drawn)

    return [write] if writes else []


def note(spec: EngineSpec, avatar: EngineAvatar) -> str:
    """What a clip says of itself."""
    return (
        f"Synthetic pictures: livetalk {livetalk.__version__} moved the lips of avatar {avatar.bundle.id} "
        f"to this sound with engine {spec.name}."
    )


def crf(text: str) -> int:
    """An argument that is a quality."""
    if not text.isdecimal() or not 0 <= int(text) <= 51:
        raise argparse.ArgumentTypeError(f"it is a number from 0 to 51, not {text!r}")
    return int(text)


def _tell_stopped() -> None:
    sys.stderr.write("livetalk: stopped; nothing was written\n")
    sys.stderr.flush()


def _by_ctrl_c(error: BaseException | None) -> bool:
    """Whether it was met on the way out after Ctrl+C."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


__all__ = ["CLIP_SETTINGS", "crf", "load_avatar", "marked", "marking", "note", "until_stopped"]
