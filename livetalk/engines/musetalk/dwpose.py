"""The face's 68 points by DWPose, as MuseTalk's own tools find them.

Z. Yang et al., "Effective whole-body pose estimation with two-stages distillation", 2023, as ONNX. What goes
in, and how what comes out is read, is mmpose's for RTMPose-l at 384 x 288 (its configuration for COCO-UBody):
the whole picture, a quarter wider, in 288 x 384 pixels; for each of 133 points how likely it lies in each
column and in each row, two to a pixel; that of the picture in a mirror averaged in.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from livetalk.engines.musetalk.files import again
from livetalk.engines.musetalk.ibug import MIRRORED
from livetalk.errors import ModelError
from livetalk.types import Float32Array

FILE = "dwpose/dw-ll_ucoco_384.onnx"
WIDTH, HEIGHT = 288, 384
POINTS = 133
FACE = slice(23, 91)
"""which of them are the face's"""
_SPLIT = 2
"""columns, or rows, to a pixel"""
_WIDEN = 1.25
_MEAN = np.array((123.675, 116.28, 103.53), np.float32)
_DEVIATION = np.array((58.395, 57.12, 57.375), np.float32)
"""of levels, RGB"""
_LOAD_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
)


class DWPose:
    """Finds the points of the one person that a picture shows best."""

    def __init__(self, path: Path) -> None:
        """Read the network.

        Raises:
            ModelError: the file is damaged, or another network.
        """
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except _LOAD_ERRORS as error:
            raise ModelError(f"{path} is cut or not an ONNX model; {again(path)}") from error
        entries, outputs = self._session.get_inputs(), self._session.get_outputs()
        shapes = [tuple(each.shape[1:]) for each in (*entries, *outputs)]
        if shapes != [(3, HEIGHT, WIDTH), (POINTS, WIDTH * _SPLIT), (POINTS, HEIGHT * _SPLIT)]:
            raise ModelError(f"{path} is not DWPose at {HEIGHT}x{WIDTH}: it has {shapes}; {again(path)}")
        self._entry: str = entries[0].name

    def find(self, picture: npt.NDArray[np.uint8]) -> Float32Array:
        """(68, 2) whole pixels of a BGR picture, cut off towards zero as MuseTalk does."""
        sized, edges = fitted(picture)
        columns, rows = self._likely(sized)
        mirrored_columns, mirrored_rows = self._likely(sized[:, ::-1])
        columns = columns + mirrored_columns[[*MIRRORED], ::-1]
        rows = rows + mirrored_rows[[*MIRRORED]]
        best = np.stack((columns.argmax(1), rows.argmax(1)), 1) / _SPLIT
        middle = np.array(picture.shape[1::-1]) / 2
        points = best / (WIDTH, HEIGHT) * edges + middle - edges / 2
        return np.trunc(points).astype(np.float32)

    def _likely(self, sized: npt.NDArray[np.uint8]) -> list[Float32Array]:
        """Of the face's points: (68, columns) and (68, rows)."""
        levels = (cv2.cvtColor(sized, cv2.COLOR_BGR2RGB).astype(np.float32) - _MEAN) / _DEVIATION
        found = self._session.run(None, {self._entry: np.ascontiguousarray(levels.transpose(2, 0, 1)[None])})
        return [np.asarray(each[0, FACE], np.float32) for each in found]


def fitted(picture: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """(384, 288, 3): what the network is shown, black beyond the picture; its edges in picture pixels."""
    height, width = picture.shape[:2]
    across = max(width, height * WIDTH / HEIGHT) * _WIDEN
    scale = WIDTH / across
    matrix = np.array(((scale, 0, (WIDTH - width * scale) / 2), (0, scale, (HEIGHT - height * scale) / 2)))
    sized = cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    return np.asarray(sized, np.uint8), np.array((across, across * HEIGHT / WIDTH))


__all__ = ["FACE", "FILE", "HEIGHT", "POINTS", "WIDTH", "DWPose", "fitted"]
