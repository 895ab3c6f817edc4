"""CUDA graphs: a network's thousand kernels recorded once for each size of batch, and launched as one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

logger = logging.getLogger(__name__)

Network = Callable[..., torch.Tensor]
"""of tensors whose first dimension is the batch"""


@dataclass(frozen=True, slots=True)
class _Recording:
    graph: torch.cuda.CUDAGraph
    inputs: tuple[torch.Tensor, ...]
    output: torch.Tensor


class Graphed:
    """Calls a network by its recording; a batch is filled up to the next power of two.

    What it returns is overwritten by the next call: copy it, on the same stream, before that. A network that
    cannot be recorded is called as it is, and the log says so.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._recordings: dict[int, _Recording] = {}
        self._pool: Any = None
        self._works = True

    def __call__(self, *given: torch.Tensor) -> torch.Tensor:
        """(n, ...) tensors, always of the same shapes but for n."""
        count = len(given[0])
        recording = self._recording(1 << (count - 1).bit_length(), given) if self._works else None
        if recording is None:
            return self._network(*given)
        for stage, tensor in zip(recording.inputs, given, strict=True):
            stage[:count].copy_(tensor)
        recording.graph.replay()
        return recording.output[:count]

    def _recording(self, size: int, given: tuple[torch.Tensor, ...]) -> _Recording | None:
        if size not in self._recordings:
            try:
                self._recordings[size] = self._record(size, given)
            except RuntimeError as error:
                self._works = False
                torch.cuda.synchronize()
                logger.warning("CUDA graphs cannot be used, it goes slower without: %s", error)
                return None
        return self._recordings[size]

    def _record(self, size: int, given: tuple[torch.Tensor, ...]) -> _Recording:
        inputs = tuple(tensor.new_zeros((size, *tensor.shape[1:])) for tensor in given)
        beside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):  # first calls choose kernels and allocate, which no graph may hold
            for _ in range(3):
                self._network(*inputs)
        torch.cuda.current_stream().wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            output = self._network(*inputs)
        self._pool = self._pool or graph.pool()
        return _Recording(graph, inputs, output)


__all__ = ["Graphed"]
