"""Clips of avatars that were cut out: transparent, or before a background."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.matte import laid_out
from livetalk.background import colour
from livetalk.commands.clips import marked
from livetalk.pipeline.backdrop import Backdrop
from livetalk.render.clip_file import KINDS, clip_file
from livetalk.render.recording import Recording
from livetalk.render.rendering import Way, render
from livetalk.render.stills import png_folder
from livetalk.types import Picture
from tests.fakes import SIZE, FakeAvatar, FakeEngine
from tests.render.sounds import tone

WAY = Way(stream=False, compare=False, lookahead_ms=40)
TRANSPARENT_KINDS = [suffix for suffix, kind in KINDS.items() if kind.transparent]


@pytest.fixture
def avatar() -> FakeAvatar:
    """Opaque in its left half, half so in the middle, nothing on the right."""
    avatar = FakeAvatar(frames=2)
    alpha = np.zeros((SIZE, SIZE), np.uint8)
    alpha[:, : SIZE // 2], alpha[:, SIZE // 2 : SIZE * 3 // 4] = 255, 128
    manifest = avatar.bundle.manifest.model_copy(update={"matte": "matte.mp4"})
    mattes = np.stack([laid_out(alpha)] * 2)
    avatar.bundle = AvatarBundle(Path(), manifest, avatar.bundle.pictures, mattes)
    return avatar


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return tone(tmp_path, 0.4)


def opacities(clip: Path) -> list[npt.NDArray[np.uint8]]:
    """Of each picture, as a player that knows them sees them."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        if stream.codec_context.name != "vp9":
            frames = [*container.decode(stream)]
        else:  # FFmpeg's own decoder leaves opacity out
            decoder = av.CodecContext.create("libvpx-vp9", "r")
            assert isinstance(decoder, av.VideoCodecContext)
            frames = [frame for packet in container.demux(stream) for frame in decoder.decode(packet)]
    return [np.asarray(frame.reformat(format="rgba").to_ndarray()[..., 3], np.uint8) for frame in frames]


@pytest.mark.parametrize("suffix", TRANSPARENT_KINDS)
def test_a_clip_keeps_how_opaque_the_avatar_is(
    suffix: str, avatar: FakeAvatar, recording: Recording, tmp_path: Path
) -> None:
    path = tmp_path / f"clip{suffix}"
    with clip_file(path, recording, (SIZE, SIZE), "", transparent=True) as write:
        render(FakeEngine(), avatar, recording, WAY, [write], lambda: None)
    found = opacities(path)
    assert len(found) == recording.pictures
    for each in found:
        assert each[:, : SIZE // 2 - 2].min() >= 250
        assert np.abs(each[:, SIZE // 2 + 2 : SIZE * 3 // 4 - 2].astype(int) - 128).max() <= 6
        assert each[:, SIZE * 3 // 4 + 2 :].max() <= 5
    with av.open(str(path)) as container:
        assert container.streams.audio[0].channels == 1


@pytest.mark.parametrize("suffix", [*KINDS])
def test_a_clip_that_is_not_transparent_plays_everywhere(
    suffix: str, avatar: FakeAvatar, recording: Recording, tmp_path: Path
) -> None:
    path = tmp_path / f"clip{suffix}"
    with clip_file(path, recording, (SIZE, SIZE), "") as write:
        render(FakeEngine(), avatar, recording, WAY, [write], lambda: None, Backdrop(colour("#ff0000")))
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == recording.pictures
    for frame in frames:
        assert np.abs(frame[:, SIZE * 3 // 4 + 4 :].astype(int).mean(axis=(0, 1)) - (255, 0, 0)).max() <= 8


def test_pngs_keep_it_to_the_bit(avatar: FakeAvatar, recording: Recording, tmp_path: Path) -> None:
    with png_folder(tmp_path / "pictures") as write:
        render(FakeEngine(), avatar, recording, WAY, [write], lambda: None)
    picture = cv2.imread(str(tmp_path / "pictures" / "00000000.png"), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert avatar.bundle.mattes is not None
    assert (picture[..., 3] == avatar.bundle.mattes[0][:SIZE]).all()


def test_a_label_is_seen_where_nothing_else_is() -> None:
    written: list[Picture | None] = []

    def mark(picture: Picture) -> Picture:
        drawn = picture.copy()
        drawn[:4] = 255
        return drawn

    def write(picture: Picture, matte: Picture | None = None) -> None:
        written.append(matte)

    picture = np.full((12, 8), 20, np.uint8)
    (marking,) = marked(mark, [write])
    marking(picture, np.zeros((12, 8), np.uint8))
    (matte,) = written
    assert matte is not None
    assert matte[:4].min() == 255
    assert matte[4:].max() == 0
