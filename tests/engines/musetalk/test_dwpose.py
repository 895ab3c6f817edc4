"""DWPose's way in and out, with a network of its shape that finds bright spots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from livetalk.engines.musetalk.dwpose import FILE, HEIGHT, POINTS, WIDTH, DWPose, fitted
from livetalk.engines.musetalk.ibug import MIRRORED
from livetalk.engines.musetalk.paste import Grey
from livetalk.errors import ModelError

LEFT, MIDDLE, RIGHT = (130, 90), (200, 210), (275, 140)
"""where the spots are: x, y"""
SIDES = ((slice(0, WIDTH // 2 - 12)), slice(WIDTH // 2 - 12, WIDTH // 2 + 12), slice(WIDTH // 2 + 12, WIDTH))


def side_of(point: int) -> int:
    """Of a point of the face: the jaw's first half is seen on the left."""
    if MIRRORED[point] == point:
        return 1
    return 0 if point < MIRRORED[point] else 2


def write_spot_finder(path: Path, points: int = POINTS) -> None:
    """Each point lies where its side of the picture is reddest."""
    sides = np.zeros((1, 3, 1, WIDTH), np.float32)
    for number, columns in enumerate(SIDES):
        sides[0, number, 0, columns] = 1
    of_points = np.ones(points, np.int64)
    of_points[23:91] = [side_of(point) for point in range(68)][: points - 23]
    constants: dict[str, npt.NDArray[Any]] = {
        "sides": sides,
        "floor": np.array(5, np.float32),
        "red": np.array([0], np.int64),
        "of_points": of_points,
        "last": np.array([-1], np.int64),
        **{f"twice_{edge}": np.array((1, points, edge, 2), np.int64) for edge in (WIDTH, HEIGHT)},
        **{f"flat_{edge}": np.array((1, points, 2 * edge), np.int64) for edge in (WIDTH, HEIGHT)},
    }
    nodes = [
        helper.make_node("Gather", ["input", "red"], ["reds"], axis=1),
        helper.make_node("Add", ["reds", "floor"], ["bright"]),
        helper.make_node("Mul", ["bright", "sides"], ["seen"]),
    ]
    for name, axis, edge in (("simcc_x", 2, WIDTH), ("simcc_y", 3, HEIGHT)):
        nodes += [
            helper.make_node("ReduceMax", ["seen"], [f"{name}_most"], axes=[axis], keepdims=0),
            helper.make_node("Gather", [f"{name}_most", "of_points"], [f"{name}_each"], axis=1),
            helper.make_node("Unsqueeze", [f"{name}_each", "last"], [f"{name}_one"]),
            helper.make_node("Expand", [f"{name}_one", f"twice_{edge}"], [f"{name}_two"]),
            helper.make_node("Reshape", [f"{name}_two", f"flat_{edge}"], [name]),
        ]
    shapes = {
        "input": (1, 3, HEIGHT, WIDTH),
        "simcc_x": (1, points, 2 * WIDTH),
        "simcc_y": (1, points, 2 * HEIGHT),
    }
    entry, *outputs = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()
    )
    initial = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "spots", [entry], outputs, initial)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


@pytest.fixture(scope="module")
def pose(tmp_path_factory: pytest.TempPathFactory) -> DWPose:
    path = tmp_path_factory.mktemp("models") / FILE
    write_spot_finder(path)
    return DWPose(path)


def spotted(width: int = 400, height: int = 300) -> Grey:
    """Three red spots, and bluer ones that do not count."""
    picture = np.zeros((height, width, 3), np.uint8)
    for spot in (LEFT, MIDDLE, RIGHT):
        cv2.circle(picture, spot, 3, (0, 0, 255), -1)
        cv2.circle(picture, (spot[0], spot[1] + 60), 9, (255, 255, 120), -1)
    return picture


@pytest.mark.parametrize("size", [(400, 300), (400, 900), (900, 300)])
def test_points_are_found_where_they_are_in_a_picture_of_any_shape(
    pose: DWPose, size: tuple[int, int]
) -> None:
    spots = np.add((LEFT, MIDDLE, RIGHT), ((size[0] - 400) // 2, 0))
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    for spot in spots.tolist():
        cv2.circle(picture, spot, 6, (0, 0, 255), -1)
        cv2.circle(picture, (spot[0], spot[1] + 60), 9, (255, 255, 120), -1)
    found = pose.find(picture)
    scale = max(size[0], size[1] * WIDTH / HEIGHT) * 1.25 / WIDTH
    for point in range(68):
        off = np.abs(found[point] - spots[side_of(point)]).max()
        assert off <= 6 + 2 * scale, (point, found[point])


def test_points_are_cut_off_to_whole_pixels_as_the_reference_does(pose: DWPose) -> None:
    found = pose.find(spotted())
    assert found.shape == (68, 2)
    assert found.dtype == np.float32
    assert np.array_equal(found, np.trunc(found))


@pytest.mark.parametrize(("width", "height"), [(400, 300), (300, 900)])
def test_the_network_is_shown_the_picture_in_its_middle_with_a_quarter_more_around(
    width: int, height: int
) -> None:
    sized, edges = fitted(np.full((height, width, 3), 255, np.uint8))
    assert sized.shape == (HEIGHT, WIDTH, 3)
    assert edges[0] / edges[1] == pytest.approx(WIDTH / HEIGHT)
    assert max(width / edges[0], height / edges[1]) == pytest.approx(1 / 1.25)
    seen = [np.flatnonzero(sized[..., 0].max(axis=axis) > 127) for axis in (0, 1)]
    for columns, whole, side, edge in zip(seen, (WIDTH, HEIGHT), (width, height), edges, strict=True):
        assert abs(len(columns) - whole * side / edge) <= 1
        assert abs(columns.mean() - whole / 2) <= 1


def test_another_network_is_refused_with_what_to_do(tmp_path: Path) -> None:
    write_spot_finder(tmp_path / "dwpose" / "few.onnx", points=26)
    with pytest.raises(ModelError, match=r"few\.onnx is not DWPose at 384x288.*move it away"):
        DWPose(tmp_path / "dwpose" / "few.onnx")
    cut = tmp_path / FILE
    cut.write_bytes(b"no network")
    with pytest.raises(ModelError, match="is cut or not an ONNX model; fetch it again where it came from"):
        DWPose(cut)
