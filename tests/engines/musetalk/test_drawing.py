"""The networks on a device, as far as a processor can tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from livetalk.engines.musetalk.drawing import MARK, Drawing
from livetalk.engines.musetalk.networks import load_networks


def test_it_draws_with_its_own_gpu_as_the_current_one(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    current: list[torch.device] = []
    during: list[list[torch.device]] = []

    @contextmanager
    def device(which: torch.device) -> Iterator[None]:
        current.append(which)
        yield
        current.pop()

    def network(latents: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        during.append([*current])
        return torch.ones(len(latents), 384 + MARK, 256, dtype=torch.uint8)

    def fetched(drawn: torch.Tensor) -> object:
        during.append([*current])
        return np.asarray(drawn.numpy())

    drawing = Drawing(load_networks(tiny_models), torch.device("cpu"))
    second = drawing.device = torch.device("cuda:1")
    monkeypatch.setattr(torch.cuda, "device", device)
    monkeypatch.setattr(drawing, "_network", network)
    monkeypatch.setattr(drawing, "_fetched", fetched)
    assert len(drawing.draw([torch.zeros(8, 32, 32)], [torch.zeros(50, 384)])) == 1
    assert during == [[second], [second]]
