from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.avatar.frames import map_frames
from livetalk.errors import AvatarError
from livetalk.types import Picture

WIDTH, HEIGHT = 66, 70
SHAPE = (5, HEIGHT * 3 // 2, WIDTH)


def mapped_frames(video: Path, cache: Path, shape: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """The frames of one video of such a shape."""
    return map_frames([(video, shape[0])], cache, (shape[2], shape[1] * 2 // 3))


def pictures(count: int = 5, width: int = WIDTH, height: int = HEIGHT) -> list[Picture]:
    """Noise, so that a row out of place shows."""
    numbers = np.random.default_rng(count)
    return [numbers.integers(0, 255, (height * 3 // 2, width)).astype(np.uint8) for _ in range(count)]


def write_video(path: Path, frames: Sequence[Picture], codec: str = "ffv1") -> Path:
    """A lossless video of I420 frames."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"threads": "1"})
        assert isinstance(stream, av.VideoStream)
        stream.pix_fmt = "yuv420p"
        rows, stream.width = frames[0].shape
        stream.height = rows * 2 // 3
        for place, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts = place
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "body.mkv", pictures())


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "body.i420"


def test_the_frames_are_those_of_the_video(video: Path, cache: Path) -> None:
    assert np.array_equal(mapped_frames(video, cache, SHAPE), np.stack(pictures()))


def test_the_frames_cannot_be_written_to(video: Path, cache: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        mapped_frames(video, cache, SHAPE)[0, 0, 0] = 1


def test_the_second_time_nothing_is_decoded(video: Path, cache: Path) -> None:
    first = mapped_frames(video, cache, SHAPE)
    video.unlink()
    assert np.array_equal(mapped_frames(video, cache, SHAPE), first)


def test_the_cache_is_all_that_is_left_in_its_folder(video: Path, cache: Path) -> None:
    mapped_frames(video, cache, SHAPE)
    assert list(cache.parent.iterdir()) == [cache]
    assert cache.stat().st_size == np.prod(SHAPE)


@pytest.mark.parametrize("size", [0, 100, int(np.prod(SHAPE)) + 1])
def test_a_cache_of_the_wrong_size_is_made_anew(video: Path, cache: Path, size: int) -> None:
    cache.parent.mkdir()
    cache.write_bytes(bytes(size))
    assert np.array_equal(mapped_frames(video, cache, SHAPE), np.stack(pictures()))


def test_a_disk_that_fills_up_is_told_and_leaves_nothing(
    video: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        def write(self, content: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", lambda handle, mode: Full(handle, mode))
    with pytest.raises(AvatarError, match=r"no frames can be kept in .*cache \(cache_dir\): .*No space left"):
        mapped_frames(video, cache, SHAPE)
    assert not any(cache.parent.iterdir())


def test_frames_already_mapped_survive_a_cache_that_is_made_anew(video: Path, cache: Path) -> None:
    mapped = mapped_frames(video, cache, SHAPE)
    write_video(video, pictures(4))
    mapped_frames(video, cache, (4, *SHAPE[1:]))
    assert np.array_equal(mapped, np.stack(pictures()))


@pytest.mark.parametrize("shape", [(4, *SHAPE[1:]), (6, *SHAPE[1:])])
def test_another_number_of_frames_is_refused(video: Path, cache: Path, shape: tuple[int, int, int]) -> None:
    with pytest.raises(AvatarError, match=rf"frames, expected {shape[0]}"):
        mapped_frames(video, cache, shape)
    assert list(cache.parent.iterdir()) == []


def test_another_size_of_frames_is_refused(video: Path, cache: Path) -> None:
    with pytest.raises(AvatarError, match="a frame of 66x70, expected 70x66"):
        mapped_frames(video, cache, (5, 66 * 3 // 2, 70))
    assert list(cache.parent.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"this is no video", bytes(5000)])
def test_what_is_no_video_is_refused(tmp_path: Path, cache: Path, content: bytes) -> None:
    (tmp_path / "body.mkv").write_bytes(content)
    with pytest.raises(AvatarError, match="cannot be decoded"):
        mapped_frames(tmp_path / "body.mkv", cache, SHAPE)
    assert list(cache.parent.iterdir()) == []


def test_a_video_cut_short_is_refused(video: Path, cache: Path) -> None:
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    with pytest.raises(AvatarError):
        mapped_frames(video, cache, SHAPE)
    assert list(cache.parent.iterdir()) == []


def test_a_missing_video_is_refused(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(AvatarError, match=r"nowhere\.mkv"):
        mapped_frames(tmp_path / "nowhere.mkv", cache, SHAPE)


def test_a_second_process_in_the_middle_of_the_first_never_sees_half_a_cache(
    video: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow:
        """Lets somebody else open the avatar after each decoded frame."""

        def __init__(self, container: Any) -> None:
            self.container = container

        def __getattr__(self, name: str) -> Any:
            return getattr(self.container, name)

        def __enter__(self) -> Slow:
            return self

        def __exit__(self, *error: object) -> None:
            self.container.close()

        def decode(self, **streams: int) -> Iterator[av.VideoFrame]:
            for frame in self.container.decode(**streams):
                yield frame
                monkeypatch.setattr(av, "open", open_video)
                assert not cache.exists() or cache.stat().st_size == np.prod(SHAPE)
                others.append(mapped_frames(video, cache, SHAPE))

    others: list[Any] = []
    open_video = av.open
    monkeypatch.setattr(av, "open", lambda *given, **more: Slow(open_video(*given, **more)))
    mine = mapped_frames(video, cache, SHAPE)
    assert len(others) == 5
    assert all(np.array_equal(each, np.stack(pictures())) for each in (mine, *others))
    assert list(cache.parent.iterdir()) == [cache]
