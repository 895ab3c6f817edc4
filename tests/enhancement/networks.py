"""Networks of GFPGAN's shape, small enough to be made in a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from livetalk.enhancement.network import FOLDER, NAMES, SHAPE

Shape = tuple[int | str, ...]


def write_network(
    path: Path,
    nodes: list[NodeProto],
    constants: dict[str, npt.NDArray[Any]] | None = None,
    *,
    shape: Shape = SHAPE,
    inputs: int = 1,
    kind: int = TensorProto.FLOAT,
) -> Path:
    """A network of `nodes` from "input" to "output"."""
    entries = ["input", "weight"][:inputs]
    graph = helper.make_graph(
        nodes,
        "face",
        [helper.make_tensor_value_info(name, kind, shape) for name in entries],
        [helper.make_tensor_value_info("output", kind, shape)],
        [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return path


def write_identity(path: Path, **choices: Any) -> Path:
    """Changes nothing."""
    return write_network(path, [helper.make_node("Identity", ["input"], ["output"])], **choices)


def write_brighter(path: Path, levels: float = 20.0) -> Path:
    """Adds so many levels."""
    nodes = [helper.make_node("Add", ["input", "more"], ["output"])]
    return write_network(path, nodes, {"more": np.array(levels / 127.5, np.float32)})


def write_broken(path: Path) -> Path:
    """Gives no numbers: the roots of what is below nothing."""
    nodes = [
        helper.make_node("Sub", ["input", "much"], ["below"]),
        helper.make_node("Sqrt", ["below"], ["output"]),
    ]
    return write_network(path, nodes, {"much": np.array(5, np.float32)})


def place_of(models: Path) -> Path:
    """Where a user puts it."""
    return models / FOLDER / NAMES[0]


__all__ = ["place_of", "write_brighter", "write_broken", "write_identity", "write_network"]
