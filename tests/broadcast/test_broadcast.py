from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import av
import numpy as np
import pytest

from livetalk.broadcast.broadcast import Broadcast
from livetalk.broadcast.encoders import KEY_FRAME_S, EncoderOptions
from livetalk.broadcast.encodings import Encodings
from livetalk.metrics import Metrics
from livetalk.protocols import PlayedFrame, Tick, VideoFormat
from livetalk.types import CHUNK_SAMPLES, FPS, FRAME_S, FRAME_SAMPLES, Picture
from tests.broadcast.streams import is_key
from tests.fakes import counted

SIZE = 128
WAIT_S = 10.0
FORMAT = VideoFormat("h264", 1_000_000)


class NoiseSource:
    """A timeline whose every picture is new noise, so that rate control has work to do."""

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


class FakeReader:
    """Collects what it is given."""

    def __init__(self, wanted: VideoFormat | None = FORMAT, key_frame_s: float | None = None) -> None:
        self.format = wanted
        self.wants_opus = True
        self.key_frame_s = key_frame_s
        self.ticks: list[Tick] = []
        self.arrived = threading.Condition()

    def take(self, tick: Tick) -> None:
        """Keep it."""
        with self.arrived:
            self.ticks.append(tick)
            self.arrived.notify_all()

    def wait(self, wanted: Callable[[list[Tick]], bool]) -> None:
        """Until what came is what was wanted."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: wanted(self.ticks), WAIT_S)

    def keys(self) -> list[bool]:
        """Which of its pictures are key frames."""
        return [is_key(tick.video.payload) for tick in self.ticks if tick.video]


class FailingReader(FakeReader):
    """Takes nothing."""

    def take(self, tick: Tick) -> None:
        """Break."""
        raise RuntimeError("this reader is broken")


def broadcast(metrics: Metrics | None = None) -> tuple[Broadcast, NoiseSource]:
    source = NoiseSource()
    kept = metrics or Metrics()
    cast = Broadcast(source, Encodings(EncoderOptions(), kept), 48_000, kept, lambda: None, source.clock)
    return cast, source


def test_the_first_picture_is_a_key_frame_and_those_after_are_not() -> None:
    cast, _ = broadcast()
    reader = FakeReader()
    cast.add(reader)
    reader.wait(lambda ticks: len(ticks) >= 4)
    cast.stop()
    assert reader.keys()[:4] == [True, False, False, False]
    assert [tick.video.key for tick in reader.ticks[:4] if tick.video] == [True, False, False, False]


def test_pictures_are_marked_once_for_all_and_those_of_the_source_stay_as_they_were() -> None:
    source = NoiseSource()
    marked: list[Picture] = []

    def mark(picture: Picture) -> Picture:
        marked.append(np.full_like(picture, 77))
        return marked[-1]

    metrics = Metrics()
    encodings = Encodings(EncoderOptions(), metrics)
    cast = Broadcast(source, encodings, 48_000, metrics, lambda: None, source.clock, mark)
    encoded, raw = FakeReader(), FakeReader(wanted=None)
    for reader in (encoded, raw):
        cast.add(reader)
    raw.wait(lambda ticks: len(ticks) >= 3)
    encoded.wait(lambda ticks: len(ticks) >= 3)
    cast.stop()
    frames = {tick.frame.tick: tick.frame for tick in (*encoded.ticks, *raw.ticks)}
    assert len(marked) == len(frames)
    assert all((frame.picture == 77).all() for frame in frames.values())


def test_a_key_frame_comes_when_it_is_asked_for() -> None:
    cast, _ = broadcast()
    reader = FakeReader()
    cast.add(reader)
    reader.wait(lambda ticks: len(ticks) >= 2)
    cast.refresh(reader)
    reader.wait(lambda ticks: any(tick.video.key for tick in ticks[2:] if tick.video))
    cast.stop()
    (first, *_) = np.flatnonzero(reader.keys()[2:])
    assert first < KEY_FRAME_S * FPS / 2, "sooner than one would come by itself"


class AskingReader(FakeReader):
    """Asks for a key frame several times at its third tick."""

    def __init__(self, cast: Broadcast) -> None:
        super().__init__()
        self.cast = cast

    def take(self, tick: Tick) -> None:
        """Keep it, and ask."""
        super().take(tick)
        if len(self.ticks) == 3:
            for _ in range(5):
                self.cast.refresh(self)


def test_a_key_frame_is_counted_once_however_often_it_was_asked_for() -> None:
    metrics = Metrics()
    cast, _ = broadcast(metrics)
    reader = AskingReader(cast)
    cast.refresh(reader)
    assert b"livetalk_key_frames_total 0.0" in metrics.text(), "it does not read yet"
    cast.add(reader)
    reader.wait(lambda ticks: len(ticks) >= 5)
    cast.stop()
    assert reader.keys()[:5] == [True, False, False, True, False]
    assert b"livetalk_key_frames_total 1.0" in metrics.text()


def test_a_reader_that_joins_begins_with_a_key_frame_at_its_first_picture() -> None:
    cast, _ = broadcast()
    first, second = FakeReader(), FakeReader()
    cast.add(first)
    first.wait(lambda ticks: len(ticks) >= 5)
    cast.add(second)
    second.wait(lambda ticks: len(ticks) >= 3)
    cast.stop()
    assert second.keys()[:3] == [True, False, False]


def test_readers_of_one_format_get_the_very_same_bytes_of_one_encoder() -> None:
    metrics = Metrics()
    cast, _ = broadcast(metrics)
    readers = [FakeReader() for _ in range(3)]
    for reader in readers:
        cast.add(reader)
    readers[-1].wait(lambda ticks: len(ticks) >= 3)
    assert b'livetalk_video_encoders{codec="h264",encoder="libx264"} 1.0' in metrics.text()
    cast.stop()
    same = {tick.frame.tick: tick.video for tick in readers[0].ticks}
    shared = [tick for tick in readers[-1].ticks if tick.frame.tick in same]
    assert shared
    assert all(same[tick.frame.tick] is tick.video for tick in shared)
    assert b'livetalk_video_encoders{codec="h264",encoder="libx264"} 0.0' in metrics.text()


def test_a_reader_that_needs_key_frames_gets_them_in_time() -> None:
    cast, _ = broadcast()
    reader = FakeReader(key_frame_s=10 * FRAME_S)
    cast.add(reader)
    reader.wait(lambda ticks: len(ticks) >= 35)
    cast.stop()
    assert np.flatnonzero(reader.keys()[:35]).tolist() == [0, 10, 20, 30]


def test_of_readers_that_share_an_encoder_the_one_with_most_key_frames_is_served() -> None:
    cast, _ = broadcast()
    content, hungry = FakeReader(), FakeReader(key_frame_s=10 * FRAME_S)
    cast.add(content)
    cast.add(hungry)
    hungry.wait(lambda ticks: len(ticks) >= 25)
    cast.stop()
    assert np.flatnonzero(hungry.keys()[:25]).tolist() == [0, 10, 20]


def test_a_reader_that_wants_a_narrow_stream_gets_it_and_the_others_keep_theirs() -> None:
    cast, _ = broadcast()
    wide, narrow = FakeReader(), FakeReader(replace(FORMAT, bitrate=150_000, shrink=2))
    cast.add(wide)
    cast.add(narrow)
    narrow.wait(lambda ticks: len(ticks) >= 60)
    cast.stop()
    assert {tick.video.size for tick in wide.ticks if tick.video} == {(SIZE, SIZE)}
    assert {tick.video.size for tick in narrow.ticks if tick.video} == {(SIZE // 2, SIZE // 2)}
    mean = [
        np.mean([len(tick.video.payload) for tick in each.ticks[20:] if tick.video])
        for each in (wide, narrow)
    ]
    assert mean[1] < 0.4 * mean[0]


def test_a_reader_that_changes_its_format_and_back_gets_a_key_frame_each_time() -> None:
    cast, _ = broadcast()
    changing, staying = FakeReader(), FakeReader()
    cast.add(staying)
    staying.wait(lambda ticks: len(ticks) >= 1)
    cast.add(changing)
    changing.wait(lambda ticks: len(ticks) >= 3)
    changing.format = replace(FORMAT, shrink=2)
    changing.wait(lambda ticks: any(tick.video.size != (SIZE, SIZE) for tick in ticks if tick.video))
    changing.format = FORMAT
    at = len(changing.ticks)
    changing.wait(lambda ticks: len(ticks) >= at + 5)
    cast.stop()
    sizes = [tick.video.size for tick in changing.ticks if tick.video]
    changes = [0, *(place + 1 for place in range(len(sizes) - 1) if sizes[place] != sizes[place + 1])]
    assert len(changes) == 3
    assert np.flatnonzero(changing.keys()).tolist() == changes


def test_a_reader_without_a_format_gets_raw_pictures_and_costs_no_encoder() -> None:
    metrics = Metrics()
    cast, _ = broadcast(metrics)
    reader = FakeReader(None)
    reader.wants_opus = False
    cast.add(reader)
    reader.wait(lambda ticks: len(ticks) >= 3)
    cast.stop()
    assert {tick.video for tick in reader.ticks} == {None}
    assert {tick.opus for tick in reader.ticks} == {None}
    assert b"livetalk_video_encoders{" not in metrics.text()


def test_a_reader_that_fails_is_left_out_and_the_others_go_on() -> None:
    cast, _ = broadcast()
    good = FakeReader()
    cast.add(FailingReader())
    cast.add(good)
    good.wait(lambda ticks: len(ticks) >= 5)
    cast.stop()
    assert np.diff([tick.frame.tick for tick in good.ticks]).tolist() == [1] * (len(good.ticks) - 1)


def test_an_encoder_that_nobody_reads_any_more_is_let_go_of() -> None:
    metrics = Metrics()
    cast, source = broadcast(metrics)
    leaving, staying = FakeReader(), FakeReader(None)
    cast.add(leaving)
    cast.add(staying)
    leaving.wait(lambda ticks: len(ticks) >= 3)
    cast.remove(leaving)
    at = len(source.ticks)
    staying.wait(lambda ticks: len(ticks) >= at + 60)
    assert b'livetalk_video_encoders{codec="h264",encoder="libx264"} 0.0' in metrics.text()
    cast.stop()


def test_a_machine_that_stood_still_leaves_ticks_out_instead_of_rushing() -> None:
    metrics = Metrics()
    cast, source = broadcast(metrics)
    reader = FakeReader()
    cast.add(reader)
    reader.wait(lambda ticks: len(ticks) >= 3)
    source.now += 10.0
    at = len(source.ticks)
    reader.wait(lambda ticks: len(ticks) >= at + 5)
    cast.stop()
    steps = np.diff(source.ticks)
    assert steps.max() > 100
    assert np.count_nonzero(steps > 1) == 1
    assert counted(metrics, "ticks_skipped_total") == steps.max() - 1


def test_ticks_that_are_late_are_counted_and_less_is_asked_of_the_machine() -> None:
    metrics = Metrics()
    cast, source = broadcast(metrics)  # its clock stands at the next tick once one is committed
    reader = FakeReader()
    cast.add(reader)
    reader.wait(lambda ticks: any(tick.video.size != (SIZE, SIZE) for tick in ticks if tick.video))
    cast.stop()
    assert counted(metrics, "ticks_late_total") == len(source.ticks)


def test_its_owner_is_told_when_it_fails() -> None:
    class Failing(NoiseSource):
        def commit(self, tick: int) -> PlayedFrame:
            raise RuntimeError("there is no picture")

    failed = threading.Event()
    metrics = Metrics()
    cast = Broadcast(Failing(), Encodings(EncoderOptions(), metrics), 48_000, metrics, failed.set)
    cast.add(FakeReader())
    assert failed.wait(WAIT_S)
    cast.stop()


def test_after_the_end_nobody_is_read_to() -> None:
    before = set(threading.enumerate())
    cast, source = broadcast()
    cast.stop()
    cast.add(FakeReader())
    assert set(threading.enumerate()) <= before
    assert source.ticks == []


def test_stopping_ends_the_thread_also_while_it_waits_for_a_tick() -> None:
    class Future(NoiseSource):
        def start_time(self) -> float:
            return 1e9

    before = set(threading.enumerate())
    metrics = Metrics()
    cast = Broadcast(Future(), Encodings(EncoderOptions(), metrics), 48_000, metrics, lambda: None)
    cast.add(FakeReader())
    (started,) = set(threading.enumerate()) - before
    cast.stop()
    assert not started.is_alive()


def test_pictures_of_another_size_get_an_encoder_of_their_own_and_a_key_frame() -> None:
    cast, source = broadcast()
    reader = FakeReader()
    cast.add(reader)
    reader.wait(lambda ticks: len(ticks) >= 4)
    source.size = (96, 64)
    at = len(reader.ticks)
    reader.wait(lambda ticks: len(ticks) >= at + 6)
    cast.stop()
    decoder = av.CodecContext.create("h264", "r")
    sizes = [
        (frame.width, frame.height)
        for tick in reader.ticks
        if tick.video
        for frame in decoder.decode(av.Packet(tick.video.payload))
    ]
    assert (sizes[0], sizes[-1]) == ((SIZE, SIZE), (96, 64))
    assert set(sizes) == {(SIZE, SIZE), (96, 64)}
    assert reader.keys()[sizes.index((96, 64))]


def test_a_tick_s_two_packets_of_sound_are_its_two_halves() -> None:
    class Halves(NoiseSource):
        def commit(self, tick: int) -> PlayedFrame:
            pcm = (8000 * np.sin(np.arange(FRAME_SAMPLES) * np.pi / 16)).astype(np.int16)
            pcm[CHUNK_SAMPLES:] = 0
            return replace(super().commit(tick), pcm=pcm)

    metrics, source = Metrics(), Halves()
    cast = Broadcast(
        source, Encodings(EncoderOptions(), metrics), 48_000, metrics, lambda: None, source.clock
    )
    reader = FakeReader(None)
    cast.add(reader)
    reader.wait(lambda ticks: len(ticks) >= 10)
    cast.stop()
    decoder = av.CodecContext.create("libopus", "r")
    levels = [
        [np.abs(frame.to_ndarray().astype(float)).mean() for frame in decoder.decode(av.Packet(packet))]
        for tick in reader.ticks[:10]
        for packet in tick.opus or ()
    ]
    loud, quiet = levels[4::2], levels[5::2]
    assert np.mean(loud) > 3 * np.mean(quiet)


@pytest.mark.parametrize("opus", [True, False])
def test_the_sound_is_encoded_where_anybody_wants_it(opus: bool) -> None:
    cast, _ = broadcast()
    reader = FakeReader()
    reader.wants_opus = opus
    cast.add(reader)
    reader.wait(lambda ticks: len(ticks) >= 3)
    cast.stop()
    assert {tick.opus is not None for tick in reader.ticks} == {opus}
