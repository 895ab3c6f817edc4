"""One .tflite network on one core of the CPU, through LiteRT."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from livetalk.errors import ModelError
from livetalk.types import Float32Array


class Network:
    """Takes one picture, gives numbers."""

    def __init__(self, path: Path) -> None:
        """Read it.

        Raises:
            ModelError: the file or the package that runs it is missing, or damaged.
        """
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise ModelError(
                f"finding faces needs the package ai-edge-litert ({error}): pip install ai-edge-litert"
            ) from error
        if not path.is_file():
            raise ModelError(f"{path} is missing: livetalk models download face")
        try:
            self._interpreter = Interpreter(str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{path} is damaged ({error}): livetalk models download face") from error
        entry = self._interpreter.get_input_details()[0]
        self._input: int = entry["index"]
        self.size_px = int(entry["shape"][1])
        """edge of the square picture that it takes"""
        self._outputs: list[int] = [each["index"] for each in self._interpreter.get_output_details()]

    def __call__(self, picture: Float32Array) -> list[Float32Array]:
        """What it says of a picture (size_px, size_px, 3), RGB: flat arrays, the longest first."""
        self._interpreter.set_tensor(self._input, np.ascontiguousarray(picture[None], np.float32))
        self._interpreter.invoke()
        found = [np.ravel(self._interpreter.get_tensor(index)) for index in self._outputs]
        return sorted(found, key=len, reverse=True)


def sure(scores: Float32Array) -> Float32Array:
    """A network's raw scores as 0 to 1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(scores.astype(np.float64), -100, 100))), np.float32)


__all__ = ["Network", "sure"]
