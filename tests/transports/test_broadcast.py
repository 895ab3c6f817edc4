from __future__ import annotations

import threading
from collections.abc import Callable

import av
import numpy as np
import pytest

from livetalk.metrics import Metrics
from livetalk.protocols import PlayedFrame
from livetalk.transports.webrtc.broadcast import Broadcast, EncodedTick
from livetalk.transports.webrtc.encoders import EncoderLimits, OpusEncoder, PyavVideoEncoder, VideoCodec
from livetalk.types import CHUNK_SAMPLES, FRAME_S, FRAME_SAMPLES

SIZE = 128
WAIT_S = 10.0
LIMITS = EncoderLimits(video_bitrate=1_000_000, audio_bitrate=48_000, height=None)
IDR = 5
"""NAL unit type of a key frame's slice (H.264, table 7-1)"""


class NoiseSource:
    """A source whose every picture is new noise, so that rate control has work to do."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)
        self.ticks: list[int] = []
        self.size = (SIZE, SIZE)
        self.now = 0.0

    def clock(self) -> float:
        """Always the time at which the next tick is committed, so that nobody waits."""
        return self.now

    def start_time(self) -> float:
        """The clock's beginning."""
        return 0.0

    def commit(self, tick: int) -> PlayedFrame:
        """Noise and silence."""
        self.ticks.append(tick)
        self.now += FRAME_S
        width, height = self.size
        picture = self.random.integers(0, 255, (height * 3 // 2, width)).astype(np.uint8)
        return PlayedFrame(tick, picture, np.zeros(FRAME_SAMPLES, np.int16))


class FakeViewer:
    """Collects what it is given."""

    def __init__(self, codec: VideoCodec = "h264") -> None:
        self.codec: VideoCodec = codec
        self.bitrate: int | None = None
        self.ticks: list[EncodedTick] = []
        self.arrived = threading.Condition()

    def deliver(self, tick: EncodedTick) -> None:
        """Keep it."""
        with self.arrived:
            self.ticks.append(tick)
            self.arrived.notify_all()

    def wait(self, wanted: Callable[[list[EncodedTick]], bool]) -> None:
        """Until what came is what was wanted."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: wanted(self.ticks), WAIT_S)


def is_key(payload: bytes) -> bool:
    return any(
        payload[place + 3] & 0x1F == IDR
        for place in range(len(payload) - 3)
        if payload[place : place + 3] == b"\0\0\1"
    )


def broadcast() -> tuple[Broadcast, NoiseSource]:
    source = NoiseSource()
    return Broadcast(source, LIMITS, Metrics(), lambda: None, source.clock), source


def test_the_first_picture_is_a_key_frame_and_those_after_are_not() -> None:
    cast, _ = broadcast()
    viewer = FakeViewer()
    cast.add(viewer)
    viewer.wait(lambda ticks: len(ticks) >= 4)
    cast.stop()
    assert [is_key(tick.video.payload) for tick in viewer.ticks[:4]] == [True, False, False, False]


def test_a_key_frame_comes_when_it_is_asked_for() -> None:
    cast, _ = broadcast()
    viewer = FakeViewer()
    cast.add(viewer)
    viewer.wait(lambda ticks: len(ticks) >= 2)
    cast.request_key_frame("h264")
    viewer.wait(lambda ticks: any(is_key(tick.video.payload) for tick in ticks[2:]))
    cast.stop()


def test_two_viewers_get_the_very_same_bytes() -> None:
    cast, _ = broadcast()
    first, second = FakeViewer(), FakeViewer()
    cast.add(first)
    cast.add(second)
    second.wait(lambda ticks: len(ticks) >= 3)
    cast.stop()
    same = {tick.video.pts: tick.video.payload for tick in first.ticks}
    shared = [tick for tick in second.ticks if tick.video.pts in same]
    assert shared
    assert all(same[tick.video.pts] is tick.video.payload for tick in shared)


def test_picture_and_sound_of_a_tick_are_due_together() -> None:
    cast, _ = broadcast()
    viewer = FakeViewer()
    cast.add(viewer)
    viewer.wait(lambda ticks: len(ticks) >= 3)
    cast.stop()
    for tick in viewer.ticks:
        first, second = tick.audio
        assert tick.video.due == first.due
        assert second.due == pytest.approx(first.due + FRAME_S / 2)
        assert tick.video.pts / 90_000 == pytest.approx(first.pts / 48_000)
        assert second.pts - first.pts == 960


def test_a_slow_viewer_brings_the_bitrate_down_with_a_new_key_frame() -> None:
    cast, _ = broadcast()
    viewer = FakeViewer()
    cast.add(viewer)
    viewer.wait(lambda ticks: len(ticks) >= 10)
    viewer.bitrate = 200_000
    at = len(viewer.ticks)
    viewer.wait(lambda ticks: len(ticks) >= at + 60)
    cast.stop()
    assert any(is_key(tick.video.payload) for tick in viewer.ticks[at - 1 : at + 3])
    before = np.mean([len(tick.video.payload) for tick in viewer.ticks[2:at]])
    after = np.mean([len(tick.video.payload) for tick in viewer.ticks[at + 20 :]])
    assert after < before * 0.6


def test_a_machine_that_stood_still_leaves_ticks_out_instead_of_rushing() -> None:
    cast, source = broadcast()
    viewer = FakeViewer()
    cast.add(viewer)
    viewer.wait(lambda ticks: len(ticks) >= 3)
    source.now += 10.0
    at = len(source.ticks)
    viewer.wait(lambda ticks: len(ticks) >= at + 5)
    cast.stop()
    steps = np.diff(source.ticks)
    assert steps.max() > 100
    assert np.count_nonzero(steps > 1) == 1


def test_stopping_ends_the_thread_also_while_it_waits_for_a_tick() -> None:
    class Future(NoiseSource):
        def start_time(self) -> float:
            return 1e9

    before = set(threading.enumerate())
    cast = Broadcast(Future(), LIMITS, Metrics(), lambda: None)
    cast.add(FakeViewer())
    (started,) = set(threading.enumerate()) - before
    cast.stop()
    assert not started.is_alive()


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_pictures_are_scaled_to_the_height_that_was_set(codec: VideoCodec) -> None:
    limits = EncoderLimits(video_bitrate=500_000, audio_bitrate=48_000, height=64)
    encoder = PyavVideoEncoder(codec, SIZE * 2, SIZE, limits)
    payload = encoder.encode(np.full((SIZE * 3 // 2, SIZE * 2), 128, np.uint8), 0, key=True)
    decoder = av.VideoCodecContext.create("h264" if codec == "h264" else "vp8", "r")
    frames = [*decoder.decode(av.Packet(payload)), *decoder.decode(None)]
    assert [(frame.width, frame.height) for frame in frames] == [(128, 64)]


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
        for frame in decoder.decode(av.Packet(payload)):
            assert frame.samples == 960
            level.append(np.abs(frame.to_ndarray().astype(np.float64)).mean())
    assert len(level) == 20
    assert np.median(level) == pytest.approx(8000 * 2 / np.pi, rel=0.05)


def test_pictures_of_another_size_get_an_encoder_of_their_own_and_a_key_frame() -> None:
    cast, source = broadcast()
    viewer = FakeViewer()
    cast.add(viewer)
    viewer.wait(lambda ticks: len(ticks) >= 4)
    source.size = (96, 64)
    at = len(viewer.ticks)
    viewer.wait(lambda ticks: len(ticks) >= at + 6)
    cast.stop()
    decoder = av.CodecContext.create("h264", "r")
    sizes = [
        (frame.width, frame.height)
        for tick in viewer.ticks
        for frame in decoder.decode(av.Packet(tick.video.payload))
    ]
    assert (sizes[0], sizes[-1]) == ((SIZE, SIZE), (96, 64))
    assert set(sizes) == {(SIZE, SIZE), (96, 64)}
    assert is_key(viewer.ticks[sizes.index((96, 64))].video.payload)
