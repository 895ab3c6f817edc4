from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest

from livetalk.broadcast import encodings
from livetalk.broadcast.choice import HARDWARE, choose_h264, prove
from livetalk.broadcast.encoders import EncoderOptions, OpusEncoder, PyavVideoEncoder, VideoStream
from livetalk.broadcast.encodings import Encodings
from livetalk.errors import EncoderError
from livetalk.metrics import Metrics
from livetalk.protocols import PlayedFrame, VideoCodec, VideoFormat
from livetalk.types import CHUNK_SAMPLES, FRAME_SAMPLES, Picture
from tests.broadcast.streams import is_key

SIZE = 128


def grey(width: int, height: int) -> Picture:
    return np.full((height * 3 // 2, width), 128, np.uint8)


def frame(tick: int = 0, width: int = SIZE, height: int = SIZE) -> PlayedFrame:
    return PlayedFrame(tick, grey(width, height), np.zeros(FRAME_SAMPLES, np.int16))


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_pictures_are_scaled_to_the_stream_s_size(codec: VideoCodec) -> None:
    encoder = PyavVideoEncoder(VideoStream(codec, 500_000, (128, 64)), EncoderOptions())
    payload = encoder.encode(grey(SIZE * 2, SIZE), 0, key=True)
    decoder = av.VideoCodecContext.create("h264" if codec == "h264" else "vp8", "r")
    frames = [*decoder.decode(av.Packet(payload)), *decoder.decode(None)]
    assert [(each.width, each.height) for each in frames] == [(128, 64)]


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        (VideoFormat("h264", 1), (256, 128)),
        (VideoFormat("h264", 1, height=64), (128, 64)),
        (VideoFormat("h264", 1, shrink=2), (128, 64)),
        (VideoFormat("h264", 1, height=64, shrink=2), (64, 32)),
        (VideoFormat("h264", 1, size=(100, 100)), (100, 100)),
    ],
)
def test_a_format_says_which_size_pictures_get(wanted: VideoFormat, size: tuple[int, int]) -> None:
    stream = Encodings(EncoderOptions(), Metrics()).stream(wanted, grey(256, 128))
    assert stream.size == size


def test_less_quality_takes_fewer_bits() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (SIZE * 3 // 2, SIZE)).astype(np.uint8)
    stream = VideoStream("h264", 20_000_000, (SIZE, SIZE))
    sizes = [
        len(PyavVideoEncoder(stream, EncoderOptions(crf=crf)).encode(noise, 0, key=True))
        for crf in (20, 30, 40)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0] / 2


def test_auto_finds_an_encoder_that_works_and_a_missing_one_is_named() -> None:
    prove(choose_h264("auto"))
    assert choose_h264("x264") == "libx264"
    with pytest.raises(EncoderError, match="no_such_encoder is not in this build"):
        prove("no_such_encoder")


class Breaking:
    """Hardware that is lost at its third picture."""

    def __init__(self, stream: VideoStream, options: EncoderOptions) -> None:
        self.name = options.h264
        self._real = PyavVideoEncoder(stream, EncoderOptions())
        self._left = 2 if options.h264 != "libx264" else 1 << 30

    def encode(self, picture: Picture, tick: int, key: bool) -> bytes:
        """Twice."""
        self._left -= 1
        if self._left < 0:
            raise EncoderError(f"{self.name} failed: the device was lost")
        return self._real.encode(picture, tick, key)


def test_hardware_that_fails_gives_way_to_software_with_a_key_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "PyavVideoEncoder", Breaking)
    metrics = Metrics()
    made = Encodings(EncoderOptions(h264="h264_nvenc"), metrics)
    stream = made.stream(VideoFormat("h264", 500_000), frame().picture)
    pictures = [made.encode(stream, frame(tick), False, 1500) for tick in range(5)]
    assert [each.key for each in pictures] == [True, False, True, False, False]
    assert [is_key(each.payload) for each in pictures] == [True, False, True, False, False]
    assert b'livetalk_video_encoders{codec="h264",encoder="h264_nvenc"} 0.0' in metrics.text()
    assert b'livetalk_video_encoders{codec="h264",encoder="libx264"} 1.0' in metrics.text()


def test_software_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Any, picture: Picture, tick: int, key: bool) -> bytes:
        raise EncoderError("libx264 failed")

    monkeypatch.setattr(PyavVideoEncoder, "encode", fail)
    made = Encodings(EncoderOptions(), Metrics())
    stream = made.stream(VideoFormat("h264", 500_000), frame().picture)
    with pytest.raises(EncoderError, match="libx264 failed"):
        made.encode(stream, frame(), False, 1500)


def test_a_machine_that_is_late_gets_less_to_do_and_the_same_again_after_a_while() -> None:
    made = Encodings(EncoderOptions(), Metrics())
    wanted, fixed = VideoFormat("h264", 1), VideoFormat("h264", 1, size=(SIZE, SIZE))
    picture = frame().picture

    def streams() -> tuple[VideoStream, VideoStream]:
        return made.stream(wanted, picture), made.stream(fixed, picture)

    usual = streams()
    for tick in range(50):
        made.settle(tick, late=tick % 2 == 0)
    fast = streams()
    assert [(each.size, each.fast) for each in fast] == [((SIZE, SIZE), True)] * 2
    for tick in range(50, 100):
        made.settle(tick, late=True)
    small, kept = streams()
    assert (small.size, kept.size) == ((SIZE // 2, SIZE // 2), (SIZE, SIZE))
    for tick in range(100, 700):
        made.settle(tick, late=False)
    assert streams() == usual


def test_opus_gives_one_packet_a_chunk_and_keeps_the_sound() -> None:
    encoder = OpusEncoder(48_000)
    decoder = av.AudioCodecContext.create("libopus", "r")
    decoder.sample_rate = 48_000
    decoder.layout = "mono"
    tone = (8000 * np.sin(np.arange(CHUNK_SAMPLES * 20) * 2 * np.pi * 440 / 16_000)).astype(np.int16)
    level = []
    for chunk in tone.reshape(-1, CHUNK_SAMPLES):
        payload = encoder.encode(chunk)
        assert payload
        for heard in decoder.decode(av.Packet(payload)):
            assert heard.samples == 960
            level.append(np.abs(heard.to_ndarray().astype(np.float64)).mean())
    assert len(level) == 20
    assert np.median(level) == pytest.approx(8000 * 2 / np.pi, rel=0.05)


def test_hardware_that_has_no_encoder_left_gives_way_to_software() -> None:
    metrics = Metrics()
    missing = next(name for name in HARDWARE.values() if not works(name))  # no machine has all of them
    made = Encodings(EncoderOptions(h264=missing), metrics)
    stream = VideoStream("h264", 1_000_000, (SIZE, SIZE))
    assert made.encode(stream, frame(0), key=False, key_every=100).key
    assert not made.encode(stream, frame(1), key=False, key_every=100).key
    assert b'livetalk_video_encoders{codec="h264",encoder="libx264"} 1.0' in metrics.text()
    made.close()


def works(name: str) -> bool:
    """Whether this machine has an encoder."""
    try:
        prove(name)
    except EncoderError:
        return False
    return True
