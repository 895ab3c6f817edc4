from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from livetalk.errors import RenderError
from livetalk.render.clip_file import clip_file
from livetalk.render.recording import Recording
from livetalk.types import Picture
from tests.render.sounds import tone

SIZE = 64


def grey(level: int) -> Picture:
    picture = np.full((SIZE * 3 // 2, SIZE), 128, np.uint8)
    picture[:SIZE] = level
    return picture


def write(path: Path, recording: Recording) -> None:
    with clip_file(path, recording, (SIZE, SIZE), "Synthetic", crf=18) as write:
        for number in range(recording.pictures):
            write(grey(20 + 2 * number))


def decoded_sound(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


@pytest.mark.parametrize(
    ("seconds", "rate", "channels"),
    [(0.02, 16_000, 1), (1.013, 44_100, 2), (2.0, 48_000, 1), (2.0, 22_050, 1), (3.33, 8_000, 2)],
)
def test_pictures_and_sound_are_as_many_and_as_long_as_the_recordings_and_start_together(
    tmp_path: Path, seconds: float, rate: int, channels: int
) -> None:
    recording = tone(tmp_path, seconds, rate, channels)
    write(tmp_path / "clip.mp4", recording)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        pictures, sound = container.streams.video[0], container.streams.audio[0]
        assert (sound.rate, sound.channels) == (rate, channels)
        assert sound.duration is not None
        assert sound.time_base is not None
        assert sound.duration * sound.time_base * rate == pytest.approx(round(seconds * rate), abs=1)
        assert container.duration == recording.pictures * 40_000
        assert pictures.start_time == sound.start_time == 0
        frames = [*container.decode(video=0)]
    assert len(frames) == recording.pictures
    assert [round(frame.time * 25) for frame in frames] == [*range(recording.pictures)]
    for number, frame in enumerate(frames):
        assert frame.to_ndarray()[:SIZE, :SIZE].mean() == pytest.approx(20 + 2 * number, abs=2)


def test_the_sound_is_the_recordings_from_its_first_sample_on(tmp_path: Path) -> None:
    recording = tone(tmp_path, 2.0, 44_100)
    write(tmp_path / "clip.mp4", recording)
    given = np.concatenate([frame.to_ndarray()[0] for frame in recording.frames()]) / 32768
    made = decoded_sound(tmp_path / "clip.mp4")[: len(given)]
    assert np.corrcoef(given, made)[0, 1] > 0.999


def test_a_rate_that_aac_does_not_know_becomes_48_khz(tmp_path: Path) -> None:
    write(tmp_path / "clip.mp4", tone(tmp_path, 1.0, 96_000))
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert container.streams.audio[0].rate == 48_000
        assert container.streams.audio[0].duration == pytest.approx(48_000, abs=100)


def test_it_says_what_it_is_and_players_can_begin_before_they_have_it_all(tmp_path: Path) -> None:
    write(tmp_path / "clip.mp4", tone(tmp_path, 1.0))
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert container.metadata["comment"] == "Synthetic"
    content = (tmp_path / "clip.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_a_smaller_crf_is_a_larger_file(tmp_path: Path) -> None:
    recording = tone(tmp_path, 0.04)
    noise = np.random.default_rng(1).integers(0, 255, (SIZE * 3 // 2, SIZE)).astype(np.uint8)
    sizes = []
    for crf in (10, 40):
        with clip_file(tmp_path / f"{crf}.mp4", recording, (SIZE, SIZE), "", crf) as write:
            write(noise)
        sizes.append((tmp_path / f"{crf}.mp4").stat().st_size)
    assert sizes[0] > 1.5 * sizes[1]


def test_what_fails_half_way_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    recording = tone(tmp_path, 1.0)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"old")

    def interrupted() -> None:
        with clip_file(clip, recording, (SIZE, SIZE), "", 18) as write:
            write(grey(100))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert clip.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "tone.wav"]


def test_a_folder_that_went_away_is_named(tmp_path: Path) -> None:
    recording = tone(tmp_path, 1.0)
    with (
        pytest.raises(RenderError, match=r"gone/clip\.mp4 cannot be written"),
        clip_file(tmp_path / "gone" / "clip.mp4", recording, (SIZE, SIZE), "", 18),
    ):
        pass
