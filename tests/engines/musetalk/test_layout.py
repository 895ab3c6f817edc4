"""Networks in channels-last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from livetalk.engines.musetalk.drawing import Drawing
from livetalk.engines.musetalk.layout import ChannelsLastNorm, to_channels_last
from livetalk.engines.musetalk.networks import load_networks, predict
from tests.engines.musetalk.tiny import write_tiny

NORM_ERROR = 2e-5
HALF_ERROR = 2.0**-9
"""two roundings of numbers around 1 in half precision, and that of their sum"""


def norm_of(channels: int, groups: int) -> nn.GroupNorm:
    norm = nn.GroupNorm(groups, channels, eps=1e-6)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    return norm.requires_grad_(False)


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 1.0), (30.0, 1.0), (-500.0, 40.0), (0.0, 0.0)])
def test_a_norm_gives_what_torchs_own_gives(mean: float, spread: float) -> None:
    torch.manual_seed(1)
    norm = norm_of(64, 32)
    x = (torch.randn(3, 64, 9, 7) * spread + mean).contiguous(memory_format=torch.channels_last)
    error = NORM_ERROR * max(1.0, (mean / max(spread, 1)) ** 2)
    torch.testing.assert_close(ChannelsLastNorm(norm)(x), norm(x), atol=error, rtol=error)


def test_a_norm_keeps_the_layout_and_the_precision() -> None:
    torch.manual_seed(2)
    norm = norm_of(32, 8)
    x = (torch.randn(2, 32, 16, 16) * 300).half().contiguous(memory_format=torch.channels_last)
    exact = norm(x.float())
    y = ChannelsLastNorm(norm.half())(x)
    assert y.dtype is torch.half
    assert y.is_contiguous(memory_format=torch.channels_last)
    assert not y.is_contiguous()
    torch.testing.assert_close(y.float(), exact, atol=4 * HALF_ERROR, rtol=HALF_ERROR)


def test_other_shapes_and_layouts_are_normalized_as_ever() -> None:
    norm = norm_of(32, 8)
    for x in (torch.randn(2, 32, 10), torch.randn(2, 32, 6, 6)):
        assert torch.equal(ChannelsLastNorm(norm)(x), norm(x))


def test_whole_networks_in_channels_last_draw_the_same(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    plain, turned = load_networks(tmp_path), load_networks(tmp_path)
    for network in (turned.unet, turned.vae):
        to_channels_last(network)
        kinds = {type(each) for each in network.modules() if isinstance(each, nn.GroupNorm)}
        assert kinds == {ChannelsLastNorm}
    torch.manual_seed(3)
    latents, tokens = torch.randn(2, 8, 32, 32), torch.randn(2, 50, 384)
    with torch.inference_mode():
        pairs = [
            (predict(each.unet, latents, tokens), each.vae.decode(latents[:, 4:]).sample)  # type: ignore[operator]
            for each in (plain, turned)
        ]
    for expected, got in zip(*pairs, strict=True):
        torch.testing.assert_close(got, expected, atol=1e-4, rtol=1e-4)


def is_picture(tensor: torch.Tensor) -> bool:
    """Neither weights nor what is so small that its layout costs nothing."""
    return tensor.dim() == 4 and tensor.shape[-1] >= 64


class Calls(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down what is called, and what kinds of numbers the convolutions and norms are given."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: set[str] = set()
        self.kinds: set[torch.dtype] = set()
        self.turned: list[str] = []

    def __torch_dispatch__(self, call: Any, types: Any, given: Any = (), named: Any = None) -> Any:
        name = str(call).split(".")[1]
        self.names.add(name)
        pictures = [each for each in given if isinstance(each, torch.Tensor) and is_picture(each)]
        for picture in pictures if name in ("conv2d", "addcmul", "silu") else ():
            self.kinds.add(picture.dtype)
            if not picture.is_contiguous(memory_format=torch.channels_last):
                self.turned.append(f"{name} of {tuple(picture.shape)}")
        return call(*given, **(named or {}))


def test_as_on_a_gpu_all_is_half_and_channels_last_and_nothing_is_read_back(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    exact = Drawing(load_networks(tmp_path), torch.device("cpu"))
    halved = Drawing(load_networks(tmp_path), torch.device("cpu"), half=True)
    torch.manual_seed(4)
    latents, tokens = torch.randn(2, 8, 32, 32), torch.randn(2, 50, 384)
    with torch.inference_mode(), Calls() as calls:
        drawn = halved._draw(halved.take(latents), tokens.half())
    assert calls.kinds == {torch.half}
    assert calls.turned == []
    assert not calls.names & {"item", "_local_scalar_dense", "nonzero", "is_nonzero"}
    for face, picture in zip(exact.draw([*latents], [*tokens]), drawn.numpy(), strict=True):
        difference = np.abs(face.picture.astype(int) - picture[:-1])
        assert difference.max() <= 3
        assert difference.mean() < 0.2
