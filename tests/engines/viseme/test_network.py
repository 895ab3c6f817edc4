"""The lip network's file, borders and cost."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from livetalk.engines.viseme.features import WINDOW_SHAPE
from livetalk.engines.viseme.network import INPUT, OUTPUT, LipNetwork
from livetalk.errors import ModelError
from livetalk.types import Float32Array

LIPS = Path(__file__).parents[3] / "models" / "viseme" / "lips.onnx"


@pytest.fixture(scope="module")
def network() -> LipNetwork:
    return LipNetwork(LIPS)


def windows(count: int) -> Float32Array:
    noise: Float32Array = np.random.default_rng(5).normal(-6, 4, (count, *WINDOW_SHAPE)).astype(np.float32)
    return noise.clip(min=-13.8)


def foreign_model(path: Path) -> Path:
    node = helper.make_node("Relu", ["x"], ["y"])
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in "xy"]
    graph = helper.make_graph([node], "other", ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, path)
    return path


def test_the_shipped_file_is_at_most_two_megabytes() -> None:
    assert LIPS.stat().st_size <= 2_000_000


def test_any_batch_gives_seven_parameters_between_0_and_1(network: LipNetwork) -> None:
    for count in (1, 3, 16):
        mouths = network(windows(count))
        assert mouths.shape == (count, 7)
        assert mouths.dtype == np.float32
        assert mouths.min() >= 0
        assert mouths.max() <= 1


def test_a_picture_does_not_depend_on_its_batch(network: LipNetwork) -> None:
    batch = windows(16)
    alone = np.concatenate([network(batch[index : index + 1]) for index in range(16)])
    assert np.abs(network(batch) - alone).max() <= 1e-5
    assert np.ptp(alone, axis=0).max() > 0.01


def test_windows_that_are_a_view_give_the_same(network: LipNetwork) -> None:
    batch = windows(4)
    assert (network(batch[::2]) == network(batch[::2].copy())).all()


@pytest.mark.parametrize("shape", [(1, 52, 80), (1, 51, 64), (52, 64)])
def test_windows_of_another_shape_are_refused(network: LipNetwork, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected windows of"):
        network(np.zeros(shape, np.float32))


def test_a_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"no lip network at .*reinstall livetalk, or run scripts/train_lips"
    ):
        LipNetwork(tmp_path / "lips.onnx")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_cut_file_is_refused(tmp_path: Path, share: float) -> None:
    content = LIPS.read_bytes()
    cut = tmp_path / "lips.onnx"
    cut.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelError, match="cut or not an ONNX model"):
        LipNetwork(cut)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "lips.onnx"
    text.write_text("version https://example.org/large-file\n")
    with pytest.raises(ModelError, match="cut or not an ONNX model"):
        LipNetwork(text)


def test_another_model_is_refused_by_its_ports(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not this version's lip network"):
        LipNetwork(foreign_model(tmp_path / "lips.onnx"))


def test_the_ports_have_the_names_the_code_asks_for() -> None:
    graph = onnx.load(LIPS).graph
    assert [port.name for port in graph.input] == [INPUT]
    assert [port.name for port in graph.output] == [OUTPUT]


def test_a_picture_costs_little(network: LipNetwork) -> None:
    one = windows(1)
    costs_ms = []
    for _ in range(50):
        started = time.perf_counter()
        network(one)
        costs_ms.append((time.perf_counter() - started) * 1000)
    assert min(costs_ms) < 1.0, "generous: it takes about 0.2 ms on an idle core"
