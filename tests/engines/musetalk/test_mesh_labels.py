"""Label maps drawn from the mesh, and what each mode keeps of them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from livetalk.engines.musetalk.boxes import Box, crop_box, face_box, with_margin
from livetalk.engines.musetalk.classes import LIPS, NECK, NOSE, SKIN
from livetalk.engines.musetalk.ibug import landmarks
from livetalk.engines.musetalk.masks import Mode, blend_mask, parse
from livetalk.engines.musetalk.mesh_labels import OUTLINE, draw_labels
from livetalk.engines.musetalk.paste import Grey
from tests.engines.musetalk import mira

NOSE_TIP, CHIN, LEFT_CHEEK, RIGHT_CHEEK, LIP = 1, 152, 50, 280, 17


@pytest.fixture(scope="module")
def box() -> Box:
    return with_margin(face_box(landmarks(mira.mesh()), np.zeros(4)), 512)


@pytest.fixture(scope="module")
def labels(box: Box) -> Grey:
    return draw_labels(mira.mesh(), crop_box(box))


def at(point: int, box: Box) -> tuple[int, int]:
    """Row and column of one of the mesh's points in the label map."""
    around = crop_box(box)
    x, y = (mira.mesh()[point, :2] - (around.left, around.top) + 0.5) * 512 / around.width
    return int(y), int(x)


def test_each_part_is_where_the_mesh_says_it_is(labels: Grey, box: Box) -> None:
    assert labels.shape == (512, 512)
    assert labels[at(NOSE_TIP, box)] == NOSE
    assert {int(labels[at(cheek, box)]) for cheek in (LEFT_CHEEK, RIGHT_CHEEK)} == {SKIN}
    row, column = at(CHIN, box)
    assert labels[row - 4, column] == SKIN
    assert labels[row + 4, column] == NECK
    row, column = at(LIP, box)
    assert labels[row - 3, column] == LIPS[2]
    assert labels[0, 0] == 0


def test_the_face_is_as_large_as_its_outline(labels: Grey, box: Box) -> None:
    around = crop_box(box)
    outline = mira.mesh()[[*OUTLINE], :2] - (around.left, around.top)
    area = cv2.contourArea(outline.astype(np.float32)) * (512 / around.width) ** 2
    face = np.count_nonzero(labels) - np.count_nonzero(labels == NECK)
    assert abs(face - area) / area < 0.02


def test_the_map_follows_a_box_that_leaves_the_picture() -> None:
    near = mira.mesh() - np.array((200, 150, 0), np.float32)
    box = Box(-30, 10, 150, 190)
    moved = Box(box.left + 200, box.top + 150, box.right + 200, box.bottom + 150)
    assert np.array_equal(draw_labels(near, box), draw_labels(mira.mesh(), moved))


def test_the_face_is_drawn_to_a_fraction_of_a_pixel() -> None:
    around = Box(130, 130, 386, 386)
    labels = draw_labels(mira.mesh(), around)
    rows, columns = np.nonzero((labels > 0) & (labels != NECK))
    found = (np.array((columns.mean(), rows.mean())) + 0.5) / 2 + 129.5
    moments = cv2.moments(mira.mesh()[[*OUTLINE], :2])
    expected = np.array((moments["m10"], moments["m01"])) / moments["m00"]
    assert np.abs(found - expected).max() < 0.12


def test_the_neck_is_narrower_than_the_jaw(labels: Grey, box: Box) -> None:
    left, right = at(172, box)[1], at(397, box)[1]
    neck = np.count_nonzero(labels[-1] == NECK)
    assert 0.75 < neck / (right - left) < 0.85


@pytest.mark.parametrize(
    ("mode", "neck", "nose"), [("jaw", False, False), ("raw", False, False), ("neck", True, False)]
)
def test_a_mode_keeps_its_parts(labels: Grey, box: Box, mode: Mode, neck: bool, nose: bool) -> None:
    parsed = parse(labels, mode)
    row, column = at(CHIN, box)
    assert (parsed[row + 25, column] > 0) == neck
    assert (parsed[at(NOSE_TIP, box)] > 0) == nose
    assert parsed[row - 4, column] == 255
    assert parsed[at(LIP, box)] == 255


def test_the_mask_of_a_jaw_lies_in_the_lower_half_and_narrows_the_cheeks(labels: Grey, box: Box) -> None:
    jaw, around = blend_mask(parse(labels, "jaw"), box)
    raw, _ = blend_mask(parse(labels, "raw"), box)
    blur = int(0.1 * around.width)
    assert jaw[: around.height // 2 - blur].max() == 0
    mouth = int(mira.mesh()[LIP, 1] - around.top)
    middle = int(mira.mesh()[LIP, 0] - around.left)
    assert jaw[mouth, middle] == raw[mouth, middle] == 255
    cheek = int(mira.mesh()[LEFT_CHEEK, 1]) - around.top + 10
    assert np.count_nonzero(jaw[cheek] > 127) < np.count_nonzero(raw[cheek] > 127)
