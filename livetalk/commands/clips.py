"""What the commands that make clips share."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

import livetalk
from livetalk.avatars import Avatars
from livetalk.background import TRANSPARENT, Backgrounds
from livetalk.commands import STOPPED
from livetalk.errors import InvalidRequest, SettingsError, StageError
from livetalk.marking.marking import Mark, make_mark
from livetalk.metrics import Metrics
from livetalk.pipeline.backdrop import Backdrop
from livetalk.protocols import Engine, EngineAvatar, EngineSpec
from livetalk.render.clip_file import KINDS
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
    "background",
    "backgrounds_dir",
)
CLIPS = ".mp4 (H264, AAC), .webm (VP9, Opus) or .mov (ProRes, AAC); the last two can be transparent"
UNSEEN = 12
"""of 255, by which an invisible mark may change a value"""


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

    def write(picture: Picture, matte: Picture | None = None) -> None:
        drawn = mark(picture)
        if matte is not None:  # a label is seen, whatever it is drawn on
            matte = np.where(cv2.absdiff(drawn, picture) > UNSEEN, np.uint8(255), matte)
        for each in writes:
            each(drawn, matte)

    return [write] if writes else []


def backdrop(settings: Settings, avatar: EngineAvatar, places: Sequence[Path]) -> Backdrop | None:
    """What avatars that were cut out are laid on; None to leave them transparent.

    Raises:
        SettingsError: there is no such background; or the avatar, or one of the files, is never transparent.
    """
    if settings.background != TRANSPARENT:
        try:
            return Backdrop(Backgrounds(settings.backgrounds_dir).get(settings.background))
        except InvalidRequest as error:
            raise SettingsError(str(error)) from error
    if avatar.bundle.mattes is None:
        raise SettingsError(
            f"nothing of avatar {avatar.bundle.id} is transparent; make it anew, with --cut-out"
        )
    opaque = [str(place) for place in places if not KINDS[place.suffix.lower()].transparent]
    if opaque:
        there = " or ".join(suffix for suffix, kind in KINDS.items() if kind.transparent)
        raise SettingsError(f"{opaque[0]} cannot be transparent; name a file that ends in {there}")
    return None


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


__all__ = [
    "CLIPS",
    "CLIP_SETTINGS",
    "backdrop",
    "crf",
    "load_avatar",
    "marked",
    "marking",
    "note",
    "until_stopped",
]
