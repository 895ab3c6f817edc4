"""livetalk, with a virtual camera that notes what it is shown: `python -m bench.noted_camera FILE serve`

No camera can be made without a driver; this one stands where a driver's would, behind pyvirtualcam's own
interface. Pictures are noted as their brightness over squares, with the moment that each was shown.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyvirtualcam import camera

from bench.decode import BLOCK_PX, Array, block_means
from bench.errors import BenchError
from livetalk.cli import main


class NotedCamera:
    """A backend of pyvirtualcam's."""

    notes: Path
    """where it notes: rows, columns, and (moment, squares) of each picture, float64"""

    def __init__(
        self, *, width: int, height: int, fps: float, fourcc: int, device: str | None, **options: object
    ) -> None:
        self._size = (height, width)
        self._file = NotedCamera.notes.open("wb", buffering=0)
        self._file.write(np.array([height // BLOCK_PX, width // BLOCK_PX], np.float64).tobytes())

    def send(self, frame: npt.NDArray[np.uint8]) -> None:
        """Note a picture in I420."""
        height, width = self._size
        squares = block_means(frame[: height * width].reshape(height, width))
        self._file.write(np.array([time.monotonic(), *squares.ravel()], np.float64).tobytes())

    def close(self) -> None:
        """End the notes."""
        self._file.close()

    def device(self) -> str:
        """Its name."""
        return "noted"

    def native_fourcc(self) -> int | None:
        """None is told."""
        return None


def read_notes(path: Path) -> tuple[npt.NDArray[np.float64], Array]:
    """When each picture was shown, (n,) in seconds of time.monotonic(), and its squares (n, rows, columns).

    Raises:
        BenchError: nothing was shown.
    """
    numbers = np.fromfile(path)
    if len(numbers) < 3:
        raise BenchError("the camera was shown nothing")
    rows, columns = int(numbers[0]), int(numbers[1])
    pictures = numbers[2:].reshape(-1, 1 + rows * columns)
    squares = pictures[:, 1:].reshape(-1, rows, columns).astype(np.float32)
    return pictures[:, 0].copy(), squares


if __name__ == "__main__":
    NotedCamera.notes = Path(sys.argv[1])
    camera.BACKENDS = {"noted": NotedCamera}
    sys.exit(main(sys.argv[2:]))
