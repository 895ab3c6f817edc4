"""Which H264 encoder this machine really has: tried on a few pictures, not read from a list."""

from __future__ import annotations

import logging

import numpy as np

from livetalk.broadcast.encoders import EncoderOptions, PyavVideoEncoder, VideoStream
from livetalk.errors import EncoderError
from livetalk.types import frozen

logger = logging.getLogger(__name__)

HARDWARE = {
    "nvenc": "h264_nvenc",
    "videotoolbox": "h264_videotoolbox",
    "qsv": "h264_qsv",
    "amf": "h264_amf",
}
"""setting -> FFmpeg's encoder; auto tries them in this order"""
SOFTWARE = "libx264"
TRIED = VideoStream("h264", 1_000_000, (512, 512))
PICTURES = 3


def choose_h264(setting: str) -> str:
    """FFmpeg's name of the encoder that `setting` means here: auto, x264, or one of the hardware's.

    Raises:
        EncoderError: the one that was asked for does not work here; says why.
    """
    if setting == "x264":
        return SOFTWARE
    if setting != "auto":
        prove(HARDWARE[setting])
        return HARDWARE[setting]
    for name in HARDWARE.values():
        try:
            prove(name)
        except EncoderError as error:
            logger.debug("no %s: %s", name, error)
        else:
            return name
    return SOFTWARE


def prove(name: str) -> None:
    """Have an encoder make a few pictures, each at once.

    Raises:
        EncoderError: it cannot.
    """
    width, height = TRIED.size
    grey = frozen(np.full((height * 3 // 2, width), 128, np.uint8))
    encoder = PyavVideoEncoder(TRIED, EncoderOptions(h264=name))
    for tick in range(PICTURES):
        encoder.encode(grey, tick, key=tick == 0)


__all__ = ["HARDWARE", "choose_h264", "prove"]
