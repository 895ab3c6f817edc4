from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from livetalk.avatar.bundle import open_bundle
from livetalk.avatar.foreign import read_picture
from livetalk.engines.musetalk.folders import read_folder
from livetalk.engines.musetalk.importing import import_folder
from livetalk.engines.musetalk.paste import Face, paste
from livetalk.engines.musetalk.prepared import read_prepared
from livetalk.errors import AvatarError, Conflict, InvalidRequest

GOLDENS = Path(__file__).parent / "goldens"
FOLDER = GOLDENS / "avatar_livetalking_syn"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("avatars") / "syn"
    import_folder(FOLDER, target, target.parent / "cache")
    return target


def test_an_imported_folder_opens_as_a_bundle_with_its_own_pictures(imported: Path, tmp_path: Path) -> None:
    bundle = open_bundle(imported, tmp_path)
    found = read_folder(FOLDER)
    assert (len(bundle.pictures), bundle.width, bundle.height) == (4, 208, 176)
    for index, path in enumerate(found.pictures):
        original = cv2.cvtColor(read_picture(path), cv2.COLOR_BGR2YUV_I420)
        assert np.abs(bundle.pictures[index].astype(int) - original).mean() < 2


def test_a_folder_whose_own_name_is_no_id_is_imported_under_one(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "my avatar (new)"))
    import_folder(folder, tmp_path / "mine", tmp_path / "cache")
    assert open_bundle(tmp_path / "mine", tmp_path / "cache").id == "mine"


def test_faces_are_pasted_as_livetalking_pastes_them(imported: Path, tmp_path: Path) -> None:
    bundle = open_bundle(imported, tmp_path)
    prepared = read_prepared(imported / "musetalk.safetensors", 4, (208, 176))
    with np.load(GOLDENS / "avatar_expect.npz") as golden:
        assert torch.equal(prepared.latents.float(), torch.from_numpy(golden["latents"]))
        for index, place in enumerate(prepared.places):
            picture = bundle.pictures[index].copy()
            face = cv2.cvtColor(golden["face256"][index], cv2.COLOR_BGR2YUV_I420)
            paste(picture, Face(np.asarray(face, np.uint8)), place)
            expected = cv2.cvtColor(golden["pasted"][index], cv2.COLOR_BGR2YUV_I420)
            assert np.abs(picture.astype(int) - expected).mean() < 2.5


def test_an_id_that_is_taken_or_none_is_refused_and_nothing_is_written(
    imported: Path, tmp_path: Path
) -> None:
    with pytest.raises(Conflict, match=r"there is an avatar .syn. already"):
        import_folder(FOLDER, imported, tmp_path)
    with pytest.raises(InvalidRequest, match="cannot be an avatar's id"):
        import_folder(FOLDER, imported.parent / "a b", tmp_path)
    assert sorted(path.name for path in imported.parent.iterdir()) == ["cache", "syn"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(AvatarError, match=r"there is no folder .*gone"):
        import_folder(tmp_path / "gone", tmp_path / "new", tmp_path)


@pytest.mark.parametrize("part", ["full_imgs", "mask"])
def test_a_corrupt_picture_leaves_no_half_bundle(tmp_path: Path, part: str) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "avatar"))
    (folder / part / "00000002.png").write_bytes(b"no picture")
    with pytest.raises(AvatarError, match="00000002"):
        import_folder(folder, tmp_path / "new", tmp_path)
    assert not (tmp_path / "new").exists()


def test_a_mask_of_another_size_than_its_box_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "avatar"))
    cv2.imwrite(str(folder / "mask" / "00000001.png"), np.zeros((9, 9), np.uint8))
    with pytest.raises(AvatarError, match=r"00000001\.png is not as large"):
        import_folder(folder, tmp_path / "new", tmp_path)


@pytest.mark.parametrize(("pictures", "size"), [(5, (208, 176)), (4, (64, 64))])
def test_a_file_of_another_body_is_refused(imported: Path, pictures: int, size: tuple[int, int]) -> None:
    with pytest.raises(AvatarError, match="musetalk"):
        read_prepared(imported / "musetalk.safetensors", pictures, size)


@pytest.mark.parametrize("left", [0, 7, 5000])
def test_a_cut_file_is_refused_by_name(imported: Path, tmp_path: Path, left: int) -> None:
    path = tmp_path / "musetalk.safetensors"
    path.write_bytes((imported / path.name).read_bytes()[:left])
    with pytest.raises(AvatarError, match=r"musetalk\.safetensors cannot be read"):
        read_prepared(path, 4, (208, 176))
