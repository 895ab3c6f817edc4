"""The label that people see."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from livetalk.errors import SettingsError
from livetalk.marking.detection import found_in
from livetalk.marking.label import SMALLEST_PICTURE, Label
from livetalk.marking.marking import make_mark, unmarked
from livetalk.types import Picture, frozen, planes

FONTS = [Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")]


def grey(width: int = 512, height: int = 512, level: int = 120) -> Picture:
    """A picture of one colour."""
    picture = np.full((height * 3 // 2, width), level, np.uint8)
    picture[height:] = 90
    return picture


def test_a_label_is_dark_and_bright_in_the_upper_left_and_nowhere_else() -> None:
    picture = grey()
    Label("AI-generated").draw(picture)
    luma, chroma = planes(picture)
    corner = luma[:90, :300]
    assert corner.min() < 80
    assert corner.max() > 200
    assert (luma[90:] == 120).all()
    assert (luma[:, 300:] == 120).all()
    assert (chroma[:, 45:] == 90).all()
    assert chroma[:, :45, :150].max() > 110


def test_its_edges_are_smooth() -> None:
    picture = grey()
    Label("AI-generated").draw(picture)
    assert len(np.unique(planes(picture)[0])) > 40


def test_it_grows_with_the_picture() -> None:
    def height(size: int) -> int:
        picture = grey(size, size)
        Label("AI").draw(picture)
        return int((planes(picture)[0] != 120).any(axis=1).sum())

    assert height(256) < height(512) < height(1024)
    assert 1.8 < height(1024) / height(512) < 2.2


def test_a_long_label_stays_within_a_narrow_picture() -> None:
    picture = grey(200, 400)
    Label("This picture was made by a computer").draw(picture)
    luma = planes(picture)[0]
    assert (luma != 120).any()
    assert (luma[:, -10:] == 120).all()


@pytest.mark.parametrize(("width", "height"), [(2, 2), (32, 32), (64, 48), (1280, 720)])
def test_any_even_size_can_be_labelled(width: int, height: int) -> None:
    picture = grey(width, height)
    Label("AI-generated").draw(picture)
    assert (picture != grey(width, height)).any() == (min(width, height) >= SMALLEST_PICTURE)


def test_letters_that_the_font_lacks_are_refused_with_advice() -> None:
    with pytest.raises(SettingsError, match="label_font"):
        Label("由人工智能生成")


@pytest.mark.parametrize("text", ["two\nlines", "x" * 100])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="one line"):
        Label(text)


def test_a_font_file_draws_other_letters() -> None:
    pytest.importorskip("PIL")
    if not FONTS[0].exists():
        pytest.skip("needs the Debian package fonts-dejavu-core")
    picture = grey()
    Label("Künstlich", FONTS[0]).draw(picture)
    assert planes(picture)[0][:90].max() > 200


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    with pytest.raises(SettingsError, match="font"):
        Label("AI", tmp_path / "missing.ttf")


def test_a_mark_never_writes_to_the_picture_it_is_given() -> None:
    picture = frozen(grey())
    before = picture.copy()
    marked = make_mark("AI-generated", None, "0x1")(picture)
    np.testing.assert_array_equal(picture, before)
    assert not np.array_equal(marked, before)
    assert not marked.flags.writeable


def test_a_label_and_a_watermark_go_together() -> None:
    marked = make_mark("AI-generated", None, "0x1")(frozen(grey()))
    assert planes(marked)[0][:90, :300].max() > 200
    assert found_in([(planes(marked)[0], True)]).payload == 1


def test_nothing_is_done_unasked() -> None:
    assert make_mark("", None, "") is unmarked
