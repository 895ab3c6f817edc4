from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from livetalk.avatar.recipe import Recipe
from livetalk.creation.clip import read_clip, size_for
from livetalk.creation.limits import Limits
from livetalk.creation.source import probe
from livetalk.errors import AvatarError
from livetalk.types import Picture, planes
from tests.clips import Colours, grey, mira, write_clip

LIMITS = Limits()


def read(path: Path, **choices: float) -> list[Picture]:
    return list(read_clip(probe(path, LIMITS), Recipe.model_validate(choices), LIMITS))


def level(picture: Picture) -> float:
    return float(planes(picture)[0].mean())


def numbered(count: int, fps: int, path: Path) -> Path:
    """A clip whose pictures tell their number by how bright they are."""
    return write_clip(path, [grey(20 + round(200 * number / count)) for number in range(count)], fps)


@pytest.mark.parametrize("fps", [10, 25, 30, 50, 60])
def test_any_rate_becomes_twenty_five_a_second(tmp_path: Path, fps: int) -> None:
    pictures = read(numbered(fps * 2, fps, tmp_path / "clip.mp4"))
    assert len(pictures) == pytest.approx(50, abs=2)
    shown = [(level(picture) - 16) * 255 / 219 for picture in pictures]
    expected = [20 + 100 * number / 25 for number in range(len(pictures))]
    assert np.abs(np.array(shown) - expected).max() < 100 * max(1 / fps, 1 / 25) + 1.5


def test_pictures_that_come_unevenly_are_shown_when_they_were(tmp_path: Path) -> None:
    frames = [grey(50), grey(100), grey(150), grey(150)]
    path = write_clip(tmp_path / "clip.mkv", frames, times=[0, 0.4, 0.52, 0.96])
    levels = [round((level(picture) - 16) * 255 / 219 / 50) for picture in read(path)]
    assert levels == [1] * 10 + [2] * 3 + [3] * 12


def test_a_part_is_cut_out_of_a_clip(tmp_path: Path) -> None:
    pictures = read(numbered(100, 25, tmp_path / "clip.mp4"), start_s=2, seconds=1)
    assert len(pictures) == 25
    assert (level(pictures[0]) - 16) * 255 / 219 == pytest.approx(20 + 100, abs=3)


def test_a_part_behind_the_end_is_refused(tmp_path: Path) -> None:
    path = numbered(50, 25, tmp_path / "clip.mp4")
    with pytest.raises(
        AvatarError, match=r"only .* from second 9 on; choose another part of the clip's 2.0 s"
    ):
        read(path, start_s=9)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
def test_a_clip_that_ends_before_it_says_is_refused(tmp_path: Path, name: str) -> None:
    options = {"movflags": "faststart"} if name.endswith("mp4") else {}
    path = write_clip(tmp_path / name, mira(100), options=options)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    with pytest.raises(AvatarError, match=r"is cut: it speaks of 4\.0 s"):
        read(path)


def test_a_clip_of_a_moment_is_refused(tmp_path: Path) -> None:
    path = numbered(5, 25, tmp_path / "clip.mp4")
    with pytest.raises(AvatarError, match="or send a photo"):
        read(path)


def test_a_clip_that_lies_is_turned_upright(tmp_path: Path) -> None:
    lying = np.zeros((240, 320, 3), np.uint8)
    lying[:, :40] = 255  # the side that is up once it is turned
    turned = write_clip(tmp_path / "clip.mp4", [lying] * 20)
    picture = read(_with_rotation(turned))[0]
    luma = planes(picture)[0]
    assert luma.shape == (320, 240)
    assert luma[:30].mean() > 200
    assert luma[60:].mean() < 30


def _with_rotation(path: Path) -> Path:
    """A quarter turn clockwise written into the track's header, as phones do (tkhd of ISO/IEC 14496-12)."""
    content = bytearray(path.read_bytes())
    unit = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    quarter = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    plain, turned = (b"".join(each.to_bytes(4, signed=True) for each in matrix) for matrix in (unit, quarter))
    place = content.index(plain, content.index(b"tkhd"))
    content[place : place + len(plain)] = turned
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("size", "shorter", "expected"),
    [
        ((1920, 1080), 720, (1280, 720)),
        ((1080, 1920), 720, (720, 1280)),
        ((576, 768), 720, (576, 768)),
        ((641, 481), 720, (640, 480)),
        ((3840, 2160), 2048, (2048, 1152)),
        ((4000, 200), 200, (2048, 102)),
    ],
)
def test_pictures_are_scaled_down_and_never_up(
    size: tuple[int, int], shorter: int, expected: tuple[int, int]
) -> None:
    assert size_for(*size, shorter) == expected


def colours_of(picture: Picture) -> tuple[float, float, float]:
    luma, chroma = planes(picture)
    return float(luma.mean()), float(chroma[0].mean()), float(chroma[1].mean())


@pytest.mark.parametrize(("width", "height"), [(320, 240), (1280, 720)])
def test_colours_become_those_that_browsers_expect(tmp_path: Path, width: int, height: int) -> None:
    """Of small pictures BT.601, of large ones BT.709 in, always BT.601 out: a pure red keeps its red."""
    red: Colours = np.broadcast_to(np.array([200, 30, 30], np.uint8), (height, width, 3)).copy()
    hd = height >= 720
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(15):
            frame = av.VideoFrame.from_ndarray(red, format="rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709" if hd else "ITU601"
            )
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    kr, kb = 0.299, 0.114
    r, g, b = (value / 255 for value in (200, 30, 30))
    luma = kr * r + (1 - kr - kb) * g + kb * b
    expected = (16 + 219 * luma, 128 + 224 * (b - luma) / (2 - 2 * kb), 128 + 224 * (r - luma) / (2 - 2 * kr))
    assert colours_of(read(path)[5]) == pytest.approx(expected, abs=2.5)


@pytest.mark.parametrize("size", [(64, 3000), (6000, 100), (16, 16)])
def test_what_would_be_too_narrow_for_a_body_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(AvatarError, match="too narrow"):
        size_for(*size, 720)


def test_a_clip_whose_times_begin_late_is_not_taken_for_cut(tmp_path: Path) -> None:
    times = [3600 + number / 25 for number in range(25)]
    source = probe(write_clip(tmp_path / "late.mkv", mira(25), times=times), Limits())
    assert source.seconds == pytest.approx(1, abs=0.1)
    assert len(list(read_clip(source, Recipe(), Limits()))) == 25
