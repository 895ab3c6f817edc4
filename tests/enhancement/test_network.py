from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from livetalk.enhancement.network import FOLDER, NAMES, Face, Restorer, find_network
from livetalk.errors import ModelError
from tests.enhancement.networks import (
    place_of,
    write_brighter,
    write_broken,
    write_identity,
    write_network,
)


@pytest.fixture
def face() -> Face:
    return np.random.default_rng(1).integers(0, 256, (512, 512, 3), dtype=np.uint8)


def test_a_face_goes_in_and_comes_out_with_the_levels_that_it_has(tmp_path: Path, face: Face) -> None:
    made = Restorer(write_identity(tmp_path / "a.onnx"), "auto")(face)
    assert made.shape == (512, 512, 3)
    assert made == pytest.approx(face.astype(np.float32), abs=1e-3)


def test_the_network_is_given_red_first(tmp_path: Path) -> None:
    """It blackens all but the first channel."""
    red = np.array((1, 0, 0), np.float32).reshape(1, 3, 1, 1)
    nodes = [
        helper.make_node("Mul", ["input", "red"], ["kept"]),
        helper.make_node("Add", ["kept", "black"], ["output"]),
    ]
    path = write_network(tmp_path / "a.onnx", nodes, {"red": red, "black": red - 1})
    made = Restorer(path, "cpu")(np.full((512, 512, 3), (200, 150, 100), np.uint8))
    assert made[7, 9] == pytest.approx((200, 0, 0), abs=1e-3)


def test_what_is_brighter_than_white_is_white(tmp_path: Path) -> None:
    restorer = Restorer(write_brighter(tmp_path / "a.onnx", 20), "cpu")
    made = restorer(np.full((512, 512, 3), (100, 250, 0), np.uint8))
    assert made[0, 0] == pytest.approx((120, 255, 20), abs=1e-3)


def test_an_export_in_half_precision_or_with_open_edges_is_taken(tmp_path: Path, face: Face) -> None:
    half = write_identity(tmp_path / "half.onnx", kind=TensorProto.FLOAT16)
    assert Restorer(half, "cpu")(face) == pytest.approx(face.astype(np.float32), abs=0.1)
    open_edges = write_identity(tmp_path / "open.onnx", shape=("batch", 3, "rows", "columns"))
    assert Restorer(open_edges, "cpu")(face) == pytest.approx(face.astype(np.float32), abs=1e-3)


def test_another_network_is_refused_with_what_it_has_and_what_to_do(tmp_path: Path) -> None:
    small = write_identity(tmp_path / "small.onnx", shape=(1, 3, 256, 256))
    with pytest.raises(ModelError, match=r"small\.onnx is not GFPGAN.*256.*fetch it again where it came"):
        Restorer(small, "cpu")
    two = write_identity(tmp_path / "two.onnx", inputs=2)
    with pytest.raises(ModelError, match=r"two\.onnx is not GFPGAN.*expected one input"):
        Restorer(two, "cpu")
    flat = write_identity(tmp_path / "flat.onnx", shape=(512, 512))
    with pytest.raises(ModelError, match=r"flat\.onnx is not GFPGAN"):
        Restorer(flat, "cpu")


def test_a_network_that_gives_another_size_than_it_takes_is_refused(tmp_path: Path, face: Face) -> None:
    sizes = np.array((1, 1, 2, 2), np.float32)
    nodes = [helper.make_node("Resize", ["input", "", "sizes"], ["output"])]
    edges = ("a", "b", "c", "d")
    path = write_network(tmp_path / "a.onnx", nodes, {"sizes": sizes}, shape=edges)
    with pytest.raises(ModelError, match=r"it gave .*1024, 1024.* instead of"):
        Restorer(path, "cpu")(face)


def test_what_is_no_picture_is_refused(tmp_path: Path, face: Face) -> None:
    restorer = Restorer(write_broken(tmp_path / "a.onnx"), "cpu")
    with pytest.raises(ModelError, match="gave numbers that are no picture; it is damaged"):
        restorer(face)


def test_a_file_that_is_cut_is_refused(tmp_path: Path) -> None:
    whole = write_identity(tmp_path / "a.onnx").read_bytes()
    (tmp_path / "a.onnx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="is cut or not an ONNX model; fetch it again"):
        Restorer(tmp_path / "a.onnx", "cpu")


def test_where_there_is_none_it_is_told_which_file_goes_where(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no command here fetches") as told:
        find_network(tmp_path)
    for word in ("GFPGANv1.4.onnx", "gfpgan_1.4.onnx", str(tmp_path / "enhance"), "facefusion"):
        assert word in str(told.value)


def test_the_newest_version_is_taken_by_each_of_its_usual_names(tmp_path: Path) -> None:
    write_identity(tmp_path / FOLDER / "gfpgan_1.3.onnx")
    assert find_network(tmp_path).name == "gfpgan_1.3.onnx"
    write_identity(tmp_path / FOLDER / "gfpgan_1.4.onnx")
    assert find_network(tmp_path).name == "gfpgan_1.4.onnx"
    assert find_network(write_identity(place_of(tmp_path)).parents[1]).name == NAMES[0]


def test_a_gpu_that_onnxruntime_cannot_use_is_told(tmp_path: Path) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has one")
    path = write_identity(tmp_path / "a.onnx")
    with pytest.raises(ModelError, match="pip install onnxruntime-gpu"):
        Restorer(path, "cuda:0")
    Restorer(path, "auto")


def test_a_package_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match="pip install onnxruntime"):
        Restorer(write_identity(tmp_path / "a.onnx"), "cpu")
