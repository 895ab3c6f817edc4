"""Recorded networks: CUDA's own recording is stood in for, there may be no such device here."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from livetalk.engines.musetalk.graphs import Graphed, _Recording


def doubled(numbers: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    return numbers * 2 + others


class Replay:
    """As a CUDA graph: the same memory in, the same memory out."""

    def __init__(self, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        self.inputs, self.output, self.count = inputs, output, 0

    def replay(self) -> None:
        self.count += 1
        self.output.copy_(doubled(*self.inputs))


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> dict[int, Replay]:
    """The recordings that are made, by size of batch."""
    made: dict[int, Replay] = {}

    def record(graphed: Graphed, size: int, given: tuple[torch.Tensor, ...]) -> Any:
        inputs = tuple(tensor.new_zeros((size, *tensor.shape[1:])) for tensor in given)
        made[size] = Replay(inputs, doubled(*inputs))
        return _Recording(made[size], inputs, made[size].output)  # type: ignore[arg-type]

    monkeypatch.setattr(Graphed, "_record", record)
    return made


def batch(count: int, start: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    numbers = torch.arange(start, start + count)[:, None].float()
    return numbers, numbers * 10


def test_a_batch_is_filled_up_to_the_next_power_of_two_and_gets_its_own_answers(
    recorded: dict[int, Replay],
) -> None:
    graphed = Graphed(doubled)
    for count in (1, 3, 4, 5, 2, 16):
        given = batch(count, start=count * 100)
        assert torch.equal(graphed(*given), doubled(*given))
    assert {size: each.count for size, each in recorded.items()} == {1: 1, 4: 2, 8: 1, 2: 1, 16: 1}


def test_a_network_that_cannot_be_recorded_is_called_as_it_is_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def record(graphed: Graphed, size: int, given: tuple[torch.Tensor, ...]) -> Any:
        tried.append(size)
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(Graphed, "_record", record)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    graphed = Graphed(doubled)
    for count in (3, 3, 5):
        given = batch(count)
        assert torch.equal(graphed(*given), doubled(*given))
    assert tried == [4]
    assert "CUDA graphs cannot be used" in caplog.text
