from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from bench.decode import luma
from bench.stored import Stored
from livetalk.errors import OutputError
from livetalk.protocols import PlayedFrame
from livetalk.registry import make_output
from livetalk.transports.muxer import TickMuxer
from livetalk.transports.newfile import NewFile
from livetalk.transports.recorder import Recorder
from livetalk.transports.synthetic import NOTE, SOURCE_TYPE
from livetalk.types import FPS, FRAME_S
from tests.fakes import WAIT_S, background, blocks
from tests.transports.flashes import OPTIONS, SIZE, ByHand, Watched, broadcasting, noise
from tests.waiting import until

PROBE = shutil.which("ffprobe")


def recorded(path: Path, ticks: int, source: ByHand | None = None, limit: int | None = None) -> Recorder:
    """Play so much into a file."""
    source = source or ByHand()
    recorder = Recorder(path, OPTIONS, limit)
    recorder.start(source)
    source.play(ticks, lambda: recorder.status().ticks)
    recorder.stop()
    return recorder


def test_a_recording_is_as_long_as_what_was_played_and_in_time(tmp_path: Path) -> None:
    recorder = recorded(tmp_path / "clip.mp4", 130)
    seen = Watched(recorder.path)
    assert recorder.status().ticks == len(seen.shown_s) == 130
    assert seen.length_s == pytest.approx(130 * FRAME_S)
    assert seen.heard_s == pytest.approx(130 * FRAME_S, abs=FRAME_S)
    assert len(seen.flashes_s) == len(seen.tones_s) == 6
    assert np.abs(seen.offsets_s).max() < 0.01
    assert seen.longest_step_s == pytest.approx(FRAME_S)
    assert seen.codecs == ["aac", "h264"]
    assert recorder.status().state == "stopped"


def test_what_was_written_can_be_waited_for_but_not_for_ever(tmp_path: Path) -> None:
    source = ByHand()
    recorder = Recorder(tmp_path / "clip.mp4", OPTIONS)
    recorder.start(source)
    written = background(lambda: recorder.wait_for(10, WAIT_S))
    assert blocks(written)
    source.play(10, lambda: recorder.status().ticks)
    assert written.result(WAIT_S)
    assert not recorder.wait_for(11, 0.01)
    more = background(lambda: recorder.wait_for(11, WAIT_S))
    assert blocks(more)
    recorder.stop()
    assert not more.result(WAIT_S / 2), "no more will come"


def test_a_recording_of_an_asked_size_gets_bars(tmp_path: Path) -> None:
    source = ByHand()
    recorder = Recorder(
        tmp_path / "wide.mp4", replace(OPTIONS, video=replace(OPTIONS.video, size=(320, 180)))
    )
    recorder.start(source)
    source.play(10, lambda: recorder.status().ticks)
    recorder.stop()
    stored = Stored(recorder.path, luma)
    assert stored.sizes == {(320, 180)}
    assert SIZE[0] * 180 < 320 * SIZE[1], "it is less wide"
    last = stored.looks[-1]
    assert last[:, :16].max() < 24
    assert last[:, 150:170].mean() > 24


def test_a_recording_says_that_it_is_synthetic_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    recorder = recorded(tmp_path / "clip.mp4", 5)
    assert Watched(recorder.path).comment == NOTE
    assert SOURCE_TYPE.encode() in recorder.path.read_bytes()
    assert recorder.path.stat().st_mode & 0o777 == 0o600


def test_it_can_be_played_and_searched_by_others(tmp_path: Path) -> None:
    if PROBE is None:
        pytest.skip("needs ffprobe: apt-get install ffmpeg")
    path = recorded(tmp_path / "clip.mp4", 150).path
    read = [PROBE, "-v", "error", "-of", "csv=p=0"]
    length = subprocess.run(
        [*read, "-show_entries", "format=duration", path], capture_output=True, check=True
    )
    assert float(length.stdout) == pytest.approx(6.0, abs=FRAME_S)
    jumped = subprocess.run(
        [*read, "-read_intervals", "5%+#1", "-select_streams", "v", "-show_entries", "packet=pts_time", path],
        capture_output=True,
        check=True,
        text=True,
    )
    assert float(jumped.stdout.split(",")[0]) == 4.0
    assert not length.stderr
    assert not jumped.stderr


def test_ticks_that_were_skipped_stay_gaps(tmp_path: Path) -> None:
    source = ByHand()
    recorder = Recorder(tmp_path / "clip.mp4", OPTIONS)
    recorder.start(source)
    source.play(30, lambda: recorder.status().ticks)
    source.tick += 33
    source.play(50, lambda: recorder.status().ticks)
    recorder.stop()
    seen = Watched(recorder.path)
    assert seen.length_s == pytest.approx(113 * FRAME_S)
    assert seen.longest_step_s == pytest.approx(34 * FRAME_S)
    assert seen.sound_gap_s < 0.001
    assert np.abs(seen.offsets_s).max() < 0.01
    assert seen.flashes_s == pytest.approx([0, 1, 3, 4], abs=0.001)


def test_it_stops_itself_at_its_limit_and_the_file_is_whole(tmp_path: Path) -> None:
    limit = 200_000
    source = ByHand()
    recorder = recorded(tmp_path / "clip.mp4", 1000, source, limit)
    status = recorder.status()
    assert (status.state, status.detail) == ("stopped", "it reached its limit of 0.2 MB")
    assert 0.75 * limit < recorder.path.stat().st_size <= limit
    assert len(Watched(recorder.path).shown_s) == status.ticks < 1000
    assert source.readers == []


def test_two_record_at_once_and_one_begins_in_mid_stream(tmp_path: Path) -> None:
    with broadcasting() as cast:
        first, second = (Recorder(tmp_path / f"{name}.mp4", OPTIONS) for name in ("first", "second"))
        first.start(cast)
        until(lambda: first.status().ticks >= 20)
        second.start(cast)
        until(lambda: second.status().ticks >= 60)
        first.stop()
        until(lambda: second.status().ticks >= 70)
        second.stop()
    for recorder in (first, second):
        seen = Watched(recorder.path)
        assert len(seen.shown_s) == recorder.status().ticks
        assert seen.heard_s == pytest.approx(seen.length_s, abs=FRAME_S)
        assert np.abs(seen.offsets_s).max() < 0.01


def test_an_avatar_of_another_shape_does_not_change_the_size(tmp_path: Path) -> None:
    source = ByHand()
    recorder = Recorder(tmp_path / "clip.mp4", OPTIONS)
    recorder.start(source)
    source.play(20, lambda: recorder.status().ticks)
    source.timeline.picture = noise((128, 192))
    source.play(40, lambda: recorder.status().ticks)
    recorder.stop()
    seen = Watched(recorder.path)
    assert seen.sizes == {SIZE}
    assert len(seen.shown_s) == 60


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_text("mine")
    with pytest.raises(OutputError, match="is there already"):
        Recorder(path, OPTIONS).start(ByHand())
    assert path.read_text() == "mine"
    with pytest.raises(OutputError, match="No such file or directory"):
        Recorder(tmp_path / "none" / "clip.mp4", OPTIONS).start(ByHand())


def test_where_nothing_was_played_no_file_is_left(tmp_path: Path) -> None:
    recorder = recorded(tmp_path / "clip.mp4", 0)
    assert (recorder.status().state, recorder.path.exists()) == ("stopped", False)
    recorder.stop()


def test_what_else_breaks_ends_it_and_is_told(tmp_path: Path) -> None:
    source = ByHand()
    recorder = Recorder(tmp_path / "clip.mp4", OPTIONS)
    recorder.start(source)
    source.play(5, lambda: recorder.status().ticks)
    source.timeline.commit = partial(unplayable, source.timeline.commit)  # type: ignore[method-assign]
    source.play(1, lambda: 0)
    until(lambda: recorder.status().state == "failed")
    assert recorder.status().detail == "the recording broke; the log says why"
    assert source.readers == []
    recorder.stop()


def unplayable(commit: Callable[[int], PlayedFrame], tick: int) -> PlayedFrame:
    """A tick whose sound is none."""
    return replace(commit(tick), pcm=np.zeros(7, np.complex128))


BOXES = {name: b"\0\0\0\x0c" + name + b"here" for name in (b"ftyp", b"moov", b"moof", b"mdat")}


@pytest.mark.parametrize(
    ("names", "whole"),
    [
        ([b"ftyp", b"moov", b"moof", b"mdat", b"moof", b"mdat"], 6),
        ([b"ftyp", b"moov", b"moof", b"mdat", b"moof"], 4),
        ([b"ftyp", b"moov", b"moof"], 2),
        ([b"ftyp"], 0),
    ],
)
@pytest.mark.parametrize("more", [b"", b"\0\0", b"\0\0\0\x10mdat1234"])
def test_a_file_is_cut_behind_its_last_whole_fragment(
    tmp_path: Path, names: list[bytes], whole: int, more: bytes
) -> None:
    path = tmp_path / "clip.mp4"
    boxes = [BOXES[name] for name in names]
    with closing(NewFile(path)) as file:
        file.write(b"".join(boxes) + more)
        file.cut()
    assert path.read_bytes() == b"".join(boxes[:whole])


@pytest.mark.parametrize(("wanted", "got"), [(48_000, 64_000), (96_000, 96_000)])
def test_its_sound_gets_as_many_bits_as_aac_needs(wanted: int, got: int) -> None:
    container = av.open(io.BytesIO(), "w", "mp4")
    TickMuxer(container, SIZE, wanted)
    assert container.streams.audio[0].bit_rate == got


def test_the_limit_holds_where_packets_are_small_and_many(tmp_path: Path) -> None:
    limit, source = 60_000, ByHand()
    source.timeline.picture = lambda pose: np.full((SIZE[1] * 3 // 2, SIZE[0]), 64, np.uint8)
    recorder = recorded(tmp_path / "clip.mp4", 400, source, limit)
    assert recorder.status().detail == "it reached its limit of 0.06 MB"
    assert 0.4 * limit < recorder.path.stat().st_size <= limit


def test_a_target_names_a_file(tmp_path: Path) -> None:
    for target in (f"file:{tmp_path}/clip.mp4", f"file://{tmp_path}/clip.mp4"):
        made = make_output(target, OPTIONS)
        assert isinstance(made, Recorder)
        assert made.path == tmp_path / "clip.mp4"
    with pytest.raises(OutputError, match=r"file:clip\.mp4"):
        make_output("file:clip.avi", OPTIONS)


KILLED = """
import sys
from pathlib import Path
from livetalk.transports.recorder import Recorder
from tests.transports.flashes import OPTIONS, broadcasting
from tests.waiting import until
with broadcasting() as cast:
    recorder = Recorder(Path(sys.argv[1]), OPTIONS)
    recorder.start(cast)
    while True:
        ticks = recorder.status().ticks
        until(lambda: recorder.status().ticks > ticks)
        print(ticks + 1, flush=True)
"""


def test_a_killed_process_loses_a_second_at_the_most(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with subprocess.Popen([sys.executable, "-c", KILLED, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ticks = 0
        for line in process.stdout:
            ticks = int(line)
            if ticks >= 3.3 * FPS:
                os.kill(process.pid, signal.SIGKILL)
                break
    seen = Watched(path)
    assert ticks * FRAME_S - seen.length_s < 1.0
    assert ticks * FRAME_S - seen.heard_s < 1.0
    assert np.abs(seen.offsets_s).max() < 0.01


FULL = """
import resource, sys
from pathlib import Path
from livetalk.transports.recorder import Recorder
from tests.transports.flashes import OPTIONS, ByHand
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
source = ByHand()
recorder = Recorder(Path(sys.argv[1]), OPTIONS)
recorder.start(source)
source.play(400, lambda: recorder.status().ticks)
recorder.stop()
print(recorder.status().state, recorder.status().detail)
"""


def test_a_file_that_takes_no_more_is_told_and_what_is_in_it_plays(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    done = subprocess.run([sys.executable, "-c", FULL, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "failed the recording ended, its file took no more: File too large\n"
    seen = Watched(path)
    assert seen.length_s > 1.0
    assert seen.heard_s > seen.length_s - 0.1
