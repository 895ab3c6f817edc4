"""The network: valid convolutions over mel frames, stride 4 in all, one mouth for each picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from livetalk.engines.viseme.features import WINDOW_FRAMES
from livetalk.engines.viseme.mel import BANDS
from livetalk.engines.viseme.network import INPUT, OUTPUT
from livetalk.engines.viseme.shape import PARAMETERS

MEL_CENTRE, MEL_SCALE = -6.0, 4.0
"""brings log-mel energies to about [-2, 3]"""
LAYERS = ((4, 2), (3, 1), (3, 1), (3, 2), (3, 1), (3, 1), (3, 1))
"""(kernel, stride) of the hidden layers; with the last, of kernel 4, they see exactly one window"""
LAST_KERNEL = 4
OPSET = 17

Array: TypeAlias = npt.NDArray[Any]


class Layer(nn.Module):
    """A convolution, a norm and a rectifier; at stride 1 it adds to what it was given."""

    def __init__(self, inputs: int, width: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(inputs, width, kernel, stride, bias=False)
        self.norm = nn.BatchNorm1d(width)
        self.skip = kernel // 2 if stride == 1 else 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, inputs, frames) to (n, width, fewer frames)."""
        heard = torch.relu(self.norm(self.convolution(x)))
        return heard + x[..., self.skip : -self.skip] if self.skip else heard

    def folded(self) -> tuple[Array, Array]:
        """Weight and bias of the convolution that does the norm's work too."""
        mean, variance = self.norm.running_mean, self.norm.running_var
        assert mean is not None
        assert variance is not None
        scale = self.norm.weight / torch.sqrt(variance + self.norm.eps)
        weight = self.convolution.weight * scale[:, None, None]
        bias = self.norm.bias - mean * scale
        return weight.detach().numpy(), bias.detach().numpy()


class LipNet(nn.Module):
    """(n, BANDS, frames) log-mel to (n, 7, pictures) logits."""

    def __init__(self, width: int = 144) -> None:
        super().__init__()
        inputs = [BANDS, *[width] * (len(LAYERS) - 1)]
        self.layers = [
            Layer(channels, width, kernel, stride)
            for channels, (kernel, stride) in zip(inputs, LAYERS, strict=True)
        ]
        self.hidden = nn.Sequential(*self.layers)
        self.last = nn.Conv1d(width, len(PARAMETERS), LAST_KERNEL)

    def forward(self, mels: torch.Tensor) -> torch.Tensor:
        """Every picture's seven numbers, before the sigmoid."""
        logits: torch.Tensor = self.last(self.hidden((mels - MEL_CENTRE) / MEL_SCALE))
        return logits


def export(net: LipNet, path: Path, note: str) -> None:
    """Write the network as ONNX: input (n, frames, bands), output (n, 7) in [0, 1], norms folded in."""
    net.eval()
    nodes = [helper.make_node("Transpose", [INPUT], ["x0"], perm=[0, 2, 1])]
    weights: dict[str, Array] = {}
    for index, layer in enumerate(net.layers):
        weight, bias = layer.folded()
        if index == 0:
            bias = bias - weight.sum(axis=(1, 2)) * MEL_CENTRE / MEL_SCALE
            weight = weight / MEL_SCALE
        weights |= {f"w{index}": weight, f"b{index}": bias}
        nodes += _layer_nodes(index, LAYERS[index][1], layer.skip)
        if layer.skip:
            crop = {"from": layer.skip, "to": -layer.skip, "axis": 2}
            weights |= {f"{name}{index}": np.array([value], np.int64) for name, value in crop.items()}
    assert net.last.bias is not None
    weights |= {"w_last": net.last.weight.detach().numpy(), "b_last": net.last.bias.detach().numpy()}
    nodes += [
        helper.make_node("Conv", [f"x{len(LAYERS)}", "w_last", "b_last"], ["logits"]),
        helper.make_node("Flatten", ["logits"], ["flat"]),
        helper.make_node("Sigmoid", ["flat"], [OUTPUT]),
    ]
    _save(nodes, weights, path, note)


def _layer_nodes(index: int, stride: int, skip: int) -> list[onnx.NodeProto]:
    source, target = f"x{index}", f"x{index + 1}"
    heard = f"r{index}" if skip else target
    nodes = [
        helper.make_node("Conv", [source, f"w{index}", f"b{index}"], [f"c{index}"], strides=[stride]),
        helper.make_node("Relu", [f"c{index}"], [heard]),
    ]
    if skip:
        crop = [source, f"from{index}", f"to{index}", f"axis{index}"]
        nodes += [
            helper.make_node("Slice", crop, [f"s{index}"]),
            helper.make_node("Add", [heard, f"s{index}"], [target]),
        ]
    return nodes


def _save(nodes: list[onnx.NodeProto], weights: dict[str, Array], path: Path, note: str) -> None:
    graph = helper.make_graph(
        nodes,
        "lips",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", WINDOW_FRAMES, BANDS])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", len(PARAMETERS)])],
        [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], doc_string=note)
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
