"""The network: valid convolutions over mel frames, stride 4 in all, one mouth for each picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
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


class LipNet(nn.Module):
    """(n, BANDS, frames) log-mel to (n, 7, pictures) logits."""

    def __init__(self, width: int = 128) -> None:
        super().__init__()
        inputs = [BANDS, *[width] * (len(LAYERS) - 1)]
        self.convolutions = nn.ModuleList(
            nn.Conv1d(channels, width, kernel, stride, bias=False)
            for channels, (kernel, stride) in zip(inputs, LAYERS, strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in LAYERS)
        self.last = nn.Conv1d(width, len(PARAMETERS), LAST_KERNEL)

    def forward(self, mels: torch.Tensor) -> torch.Tensor:
        """A stride-1 layer adds to what it was given."""
        x = (mels - MEL_CENTRE) / MEL_SCALE
        for index, (kernel, stride) in enumerate(LAYERS):
            heard = torch.relu(self.norms[index](self.convolutions[index](x)))
            skip = kernel // 2
            x = heard + x[..., skip:-skip] if stride == 1 else heard
        logits: torch.Tensor = self.last(x)
        return logits


def export(net: LipNet, path: Path, note: str) -> None:
    """Write the network as ONNX: input (n, frames, bands), output (n, 7) in [0, 1], norms folded in."""
    net.eval()
    nodes = [helper.make_node("Transpose", [INPUT], ["x0"], perm=[0, 2, 1])]
    weights: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {}
    for index, (kernel, stride) in enumerate(LAYERS):
        weights[f"w{index}"], weights[f"b{index}"] = _folded(net, index)
        source, target = f"x{index}", f"x{index + 1}"
        nodes += [
            helper.make_node("Conv", [source, f"w{index}", f"b{index}"], [f"c{index}"], strides=[stride]),
            helper.make_node("Relu", [f"c{index}"], [f"r{index}" if stride == 1 else target]),
        ]
        if stride == 1:
            skip = kernel // 2
            weights |= {
                f"from{index}": np.array([skip], np.int64),
                f"to{index}": np.array([-skip], np.int64),
                f"axis{index}": np.array([2], np.int64),
            }
            crop = [source, f"from{index}", f"to{index}", f"axis{index}"]
            nodes += [
                helper.make_node("Slice", crop, [f"s{index}"]),
                helper.make_node("Add", [f"r{index}", f"s{index}"], [target]),
            ]
    weights["w_last"] = net.last.weight.detach().numpy()
    weights["b_last"] = net.last.bias.detach().numpy()  # type: ignore[union-attr]
    nodes += [
        helper.make_node("Conv", [f"x{len(LAYERS)}", "w_last", "b_last"], ["logits"]),
        helper.make_node("Flatten", ["logits"], ["flat"]),
        helper.make_node("Sigmoid", ["flat"], [OUTPUT]),
    ]
    _save(nodes, weights, path, note)


def _folded(net: LipNet, index: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    convolution, norm = net.convolutions[index], net.norms[index]
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = convolution.weight * scale[:, None, None]
    bias = norm.bias - norm.running_mean * scale
    if index == 0:
        bias = bias - weight.sum(dim=(1, 2)) * MEL_CENTRE / MEL_SCALE
        weight = weight / MEL_SCALE
    return weight.detach().numpy(), bias.detach().numpy()


def _save(nodes: list[onnx.NodeProto], weights: dict[str, np.ndarray], path: Path, note: str) -> None:  # type: ignore[type-arg]
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
