"""Pictures to mark: smooth grounds, edges and a little motion, as a talking face has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import cv2
import numpy as np

from livetalk.broadcast.encoders import EncoderOptions, PyavVideoEncoder, VideoStream
from livetalk.types import Picture, frozen, planes


def talking(count: int, size: tuple[int, int] = (320, 384), seed: int = 3) -> list[Picture]:
    """`count` pictures of `size` (width, height), in which some things move and others do not."""
    width, height = size
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(50, 190, (6, 5)).astype(np.float32)
    grain = cv2.GaussianBlur(rng.normal(0, 12, (height, width)).astype(np.float32), (0, 0), 1.5)
    ground = (cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC) + grain).astype(np.float32)
    pictures = []
    for number in range(count):
        luma = ground.copy()
        sway = 4 * np.sin(number / 9)
        centre = (round(width / 2 + sway), round(height * 0.45))
        cv2.ellipse(luma, centre, (width // 4, height // 4), 0, 0, 360, 170, -1, cv2.LINE_AA)
        mouth = (width // 12, max(2, round(height / 40 * (1 + np.sin(number / 2)))))
        cv2.ellipse(luma, (centre[0], round(height * 0.55)), mouth, 0, 0, 360, 60, -1, cv2.LINE_AA)
        picture = np.full((height * 3 // 2, width), 128, np.uint8)
        picture[:height] = np.clip(luma, 16, 235).astype(np.uint8)
        pictures.append(frozen(picture))
    return pictures


def through_h264(
    pictures: list[Picture], crf: int, size: tuple[int, int] | None = None, key_every: int = 50
) -> list[Picture]:
    """Encode as a broadcast does, to `size` (width, height), and decode."""
    height, width = planes(pictures[0])[0].shape
    encoder = PyavVideoEncoder(
        VideoStream("h264", 1_200_000, size or (width, height)), EncoderOptions(crf=crf)
    )
    decoder = av.CodecContext.create("h264", "r")
    packets = (
        av.Packet(encoder.encode(picture, number, number % key_every == 0))
        for number, picture in enumerate(pictures)
    )
    return [frame.to_ndarray().astype(np.uint8) for frame in _decoded(decoder, packets)]


def luma_and_keys(pictures: list[Picture], key_every: int = 50) -> Iterator[tuple[Picture, bool]]:
    """As a detector takes them."""
    for number, picture in enumerate(pictures):
        yield planes(picture)[0], number % key_every == 0


def psnr_db(one: list[Picture], other: list[Picture]) -> float:
    """Of luma, over all pictures."""
    squared = [
        np.square(planes(a)[0].astype(np.float64) - planes(b)[0]).mean()
        for a, b in zip(one, other, strict=True)
    ]
    return float(10 * np.log10(255**2 / np.mean(squared)))


def _decoded(decoder: av.CodecContext, packets: Iterator[av.Packet[Any]]) -> Iterator[av.VideoFrame]:
    assert isinstance(decoder, av.VideoCodecContext)
    for packet in packets:
        yield from decoder.decode(packet)
    yield from decoder.decode(None)
