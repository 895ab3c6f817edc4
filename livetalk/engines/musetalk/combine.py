"""Several threads' calls of a network, made as one: the sessions share the encoder as they share the UNet."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import torch

from livetalk.engines.musetalk.listening import Encode

MOST = 16
"""calls in one"""


@dataclass(slots=True, eq=False)
class _Call:
    given: torch.Tensor
    result: torch.Tensor | None = None
    error: Exception | None = None


class Combined:
    """Whoever comes first calls for all that came meanwhile; nobody waits for somebody to come.

    Each call is of one item, (1, ...); only those of the same shape are combined.
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[_Call] = []

    def __call__(self, given: torch.Tensor) -> torch.Tensor:
        """The encoder's answer to this call alone.

        Raises:
            Exception: whatever the encoder raised on the calls that were made together.
        """
        call = _Call(given)
        with self._lock:
            self._waiting.append(call)
        with self._turn:
            while call.result is None and call.error is None:  # more may stand before it than go in one
                self._answer(self._take(given.shape))
        if call.error is not None:
            raise call.error
        assert call.result is not None
        return call.result

    def _take(self, shape: torch.Size) -> list[_Call]:
        with self._lock:
            taken = [call for call in self._waiting if call.given.shape == shape][:MOST]
            self._waiting = [call for call in self._waiting if call not in taken]
            return taken

    def _answer(self, calls: list[_Call]) -> None:
        try:
            answers = self._encode(torch.cat([call.given for call in calls]))
        except Exception as error:  # noqa: BLE001 - handed to those who called
            for call in calls:
                call.error = error
            return
        for call, answer in zip(calls, answers[:, None], strict=True):
            call.result = answer


__all__ = ["MOST", "Combined"]
