"""What a viewer sees when its stream changes: no flash, and key frames that look like the pictures around."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from livetalk.avatar.bundle import open_bundle
from livetalk.broadcast.encoders import EncoderOptions
from livetalk.broadcast.encodings import Encodings
from livetalk.metrics import Metrics
from livetalk.protocols import PlayedFrame, VideoCodec, VideoFormat
from livetalk.transports.webrtc.adaptation import ladder
from livetalk.types import FRAME_SAMPLES, planes

ROOT = Path(__file__).resolve().parents[2]
STEPS = {0: 0, 30: 1, 60: 2, 90: 1, 120: 0}
"""tick -> step of the ladder from then on"""
JOINED = (15, 45)
"""ticks at which a viewer joins, so that a key frame is made for all"""
TICKS = 140
SOUND = np.zeros(FRAME_SAMPLES, np.int16)
FLASH = 1.0
"""levels of mean brightness or colour that nobody sees come and go"""
WHOLE_DB, HALF_DB = 37.0, 32.0
"""PSNR of pictures in full size, and of those that were shrunk on the way"""


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_changes_of_stream_and_key_frames_are_not_seen(codec: VideoCodec, tmp_path: Path) -> None:
    body = open_bundle(ROOT / "data" / "avatars" / "default", tmp_path)
    encodings = Encodings(EncoderOptions(), Metrics())
    steps = ladder(VideoFormat(codec, 1_200_000))
    decoder = av.VideoCodecContext.create("h264" if codec == "h264" else "vp8", "r")
    step, keys = 0, []
    for tick in range(TICKS):
        step = STEPS.get(tick, step)
        picture = np.ascontiguousarray(body.picture(tick))
        stream = encodings.stream(steps[step], picture)
        key = tick in STEPS or tick in JOINED
        encoded = encodings.encode(stream, PlayedFrame(tick, picture, SOUND), key, 1500)
        encodings.settle(tick, late=False)
        keys += [tick] if encoded.key else []
        (shown,) = decoder.decode(av.Packet(encoded.payload))
        seen = shown.reformat(body.width, body.height, "yuv420p").to_ndarray().astype(np.uint8)
        errors = [
            theirs.astype(float) - ours for theirs, ours in zip(planes(seen), planes(picture), strict=True)
        ]
        assert all(abs(error.mean()) < FLASH for error in errors), tick
        psnr_db = 10 * np.log10(255**2 / np.square(errors[0]).mean())
        assert psnr_db > (HALF_DB if step == 2 else WHOLE_DB), tick
    assert keys == sorted({*STEPS, *JOINED})
