from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from livetalk.avatar.recipe import Steadiness
from livetalk.creation.doubts import doubts
from livetalk.creation.finding import LONGEST_GAP, Found, find_face
from livetalk.creation.steadying import steadied
from livetalk.errors import AvatarError, ModelError
from tests.clips import Colours, mira

NOBODY: Colours = np.full((512, 512, 3), 90, np.uint8)


def body(frames: list[Colours]) -> npt.NDArray[np.uint8]:
    return np.stack([cv2.cvtColor(each, cv2.COLOR_RGB2YUV_I420) for each in frames])


def find(frames: list[Colours], models: Path, face: int = 1) -> Found:
    return find_face(body(frames), models, face, lambda _share: None)


def beside(scale: float, other: float) -> Colours:
    """Two faces in one picture, the left one so large, and the right one."""
    picture = np.full((512, 1024, 3), 90, np.uint8)
    for x, size in ((0, scale), (512, other)):
        edge = round(512 * size)
        picture[:edge, x : x + edge] = cv2.resize(mira(1)[0], (edge, edge))
    return picture


def test_the_face_is_found_in_every_picture(face_models: Path) -> None:
    told: list[float] = []
    frames = list(mira(12))
    found = find_face(body(frames), face_models, 1, told.append)
    assert found.meshes.shape == (12, 468, 3)
    assert found.meshes.dtype == np.float32
    nose, chin = found.meshes[:, 1, :2], found.meshes[:, 152, :2]
    assert (np.abs(nose - (258, 284)) < 12).all()
    assert (np.abs(chin - (258, 352)) < 12).all()
    assert (found.faces, list(found.bridged)) == (1, [])
    assert told == pytest.approx([(frame + 1) / 12 for frame in range(12)])


def test_a_face_that_fills_the_picture_is_found(face_models: Path) -> None:
    close = np.ascontiguousarray(mira(1)[0][146:326, 176:336])
    nose, chin = find([close], face_models).meshes[0, [1, 152], :2]
    assert nose == pytest.approx((258 - 176, 284 - 146), abs=12)
    assert chin == pytest.approx((258 - 176, 352 - 146), abs=16)


def test_a_short_gap_is_bridged_between_its_neighbours(face_models: Path) -> None:
    frames = [*mira(5), *[NOBODY] * 4, *mira(10)[5:]]
    found = find(frames, face_models)
    assert list(found.bridged) == [5, 6, 7, 8]
    ends = found.meshes[[4, 9]]
    share = np.linspace(0, 1, 6)[1:-1, None, None]
    assert found.meshes[5:9] == pytest.approx(ends[0] * (1 - share) + ends[1] * share, abs=0.01)
    assert "gaps" in [each.kind for each in doubts(found, body(frames), 1)]


def test_a_long_gap_is_refused_with_its_seconds(face_models: Path) -> None:
    frames = [*mira(10), *[NOBODY] * (LONGEST_GAP + 1), *mira(20)[10:]]
    with pytest.raises(AvatarError, match=r"from second 0\.4 to 0\.8 .* choose a part"):
        find(frames, face_models)


def test_a_picture_of_nobody_is_refused(face_models: Path) -> None:
    with pytest.raises(AvatarError, match="no face was found"):
        find([NOBODY], face_models)


def test_of_several_faces_the_largest_is_followed(face_models: Path) -> None:
    found = find([beside(0.7, 1.0)], face_models)
    assert found.faces == 2
    assert found.meshes[0, 1, 0] > 512
    assert "several" in [each.kind for each in doubts(found, body([beside(0.7, 1.0)]), 1)]


def test_another_one_is_followed_where_it_is_asked_for(face_models: Path) -> None:
    found = find([beside(0.7, 1.0)], face_models, 2)
    assert found.meshes[0, 1, 0] < 512


def test_a_face_that_is_not_there_is_refused(face_models: Path) -> None:
    with pytest.raises(AvatarError, match="only 1 face was seen at once, there is no face 2"):
        find([mira(1)[0]], face_models, 2)


def test_a_face_that_moved_away_behind_a_gap_is_found_again(face_models: Path) -> None:
    moved = np.roll(mira(1)[0], 90, axis=1)
    found = find([mira(1)[0], NOBODY, moved], face_models)
    assert found.meshes[2, 1, 0] - found.meshes[0, 1, 0] == pytest.approx(90, abs=4)


def test_a_face_that_leans_is_found_as_it_leans(face_models: Path) -> None:
    turn = cv2.getRotationMatrix2D((256, 256), -30, 1)
    leaning = np.asarray(cv2.warpAffine(mira(1)[0], turn, (512, 512)), np.uint8)
    found = find([mira(1)[0], leaning], face_models)
    expected = found.meshes[0, :, :2] @ turn[:, :2].T + turn[:, 2]
    assert np.abs(found.meshes[1, :, :2] - expected).mean() < 2.5


def test_networks_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="livetalk models download face"):
        find([NOBODY], tmp_path)


def test_networks_that_are_damaged_are_told(tmp_path: Path) -> None:
    (tmp_path / "face").mkdir()
    for name in ("face_detection_full_range_sparse.tflite", "face_landmark.tflite"):
        (tmp_path / "face" / name).write_bytes(b"\x1c\0\0\0TFL3 and nothing else")
    with pytest.raises(ModelError, match="damaged"):
        find([NOBODY], tmp_path)


# -- doubts ---------------------------------------------------------------------------------------


def kinds(frames: list[Colours], models: Path) -> list[str]:
    return [each.kind for each in doubts(find(frames, models), body(frames), 1)]


def test_a_good_face_raises_no_doubt(face_models: Path) -> None:
    assert kinds(list(mira(8)), face_models) == []


def test_a_small_face_is_doubted(face_models: Path) -> None:
    small = np.full((512, 512, 3), 90, np.uint8)
    small[200:300, 200:300] = cv2.resize(mira(1)[0], (100, 100), interpolation=cv2.INTER_AREA)
    assert kinds([small], face_models) == ["small"]


def test_a_face_that_the_picture_cuts_is_doubted(face_models: Path) -> None:
    assert "cut-off" in kinds([np.ascontiguousarray(mira(1)[0][:320])], face_models)


@pytest.mark.parametrize(("frames", "open_px"), [(1, 40), (8, 25)])
def test_a_mouth_that_stands_open_is_doubted(face_models: Path, frames: int, open_px: int) -> None:
    found = find(list(mira(frames)), face_models)
    gaped = found.meshes.copy()
    gaped[:, 14, 1] += open_px
    (told,) = doubts(Found(gaped, [], [], 1), body(list(mira(frames))), 1)
    assert told.kind == "mouth"
    assert "closed lips" in told.text


def test_the_smile_of_a_photo_is_not(face_models: Path) -> None:
    found = find(list(mira(1)), face_models)
    smiling = found.meshes.copy()
    smiling[:, 14, 1] += 20
    assert not [*doubts(Found(smiling, [], [], 1), body(list(mira(1))), 1)]


def test_a_face_turned_away_is_doubted(face_models: Path) -> None:
    found = find([mira(1)[0]], face_models)
    angle = np.radians(50)
    mesh = found.meshes - found.meshes.mean(axis=1, keepdims=True)
    turn = np.array([(np.cos(angle), 0, np.sin(angle)), (0, 1, 0), (-np.sin(angle), 0, np.cos(angle))])
    turned = Found((mesh @ turn.T).astype(np.float32) + 256, [], [], 1)
    told = [each for each in doubts(turned, body([mira(1)[0]]), 1) if each.kind == "turned"]
    assert len(told) == 1
    assert told[0].picture is not None


# -- steadiness -----------------------------------------------------------------------------------


def trembling(count: int) -> list[Colours]:
    """One picture that moves as a head does, and on it another grain each time, as of a camera."""
    grain = np.random.default_rng(5)
    frames = []
    for frame in range(count):
        turn = cv2.getRotationMatrix2D((256, 200), 3 * np.sin(frame / 6), 1)
        turn[:, 2] += (6 * np.sin(frame / 9), 4 * np.cos(frame / 7))
        moved = cv2.warpAffine(mira(1)[0], turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
        frames.append(np.clip(moved + grain.normal(0, 6, moved.shape), 0, 255).astype(np.uint8))
    return frames


def course(count: int, first: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Where the points of the unmoved face are in each of those pictures."""
    places = []
    for frame in range(count):
        turn = cv2.getRotationMatrix2D((256, 200), 3 * np.sin(frame / 6), 1)
        turn[:, 2] += (6 * np.sin(frame / 9), 4 * np.cos(frame / 7))
        places.append(first @ turn[:, :2].T + turn[:, 2])
    return np.stack(places)


def test_steadied_landmarks_stay_on_the_skin_closer_than_they_were_found(face_models: Path) -> None:
    count = 40
    found = find(trembling(count), face_models)
    still = find([mira(1)[0]], face_models).meshes[0, :, :2]
    truth = course(count, still)

    def slip(meshes: npt.NDArray[np.float32]) -> float:
        """How far points move on the skin from one picture to the next, pixels."""
        off = meshes[..., :2] - truth
        return float(np.sqrt((np.diff(off, axis=0) ** 2).sum(-1).mean()))

    raw = slip(found.meshes)
    filtered = slip(steadied(found, Steadiness(flow=False)))
    followed = slip(steadied(found, Steadiness()))
    assert followed < 0.5 * raw
    assert followed < filtered


def test_landmarks_stay_as_they_were_found_where_nobody_wants_them_steadied(face_models: Path) -> None:
    found = find(list(mira(6)), face_models)
    assert steadied(found, Steadiness(smooth=False)) is found.meshes
