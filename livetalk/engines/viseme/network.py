"""The lip network: windows of sound in, mouth parameters out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from livetalk.engines.viseme.features import WINDOW_SHAPE
from livetalk.engines.viseme.shape import PARAMETERS
from livetalk.errors import ModelError
from livetalk.types import Float32Array

INPUT, OUTPUT = "windows", "mouths"

_LOAD_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


class LipNetwork:
    """A trained network, read-only once loaded; many threads may call it."""

    def __init__(self, path: Path) -> None:
        """Load `lips.onnx`.

        Raises:
            ModelError: the file is missing, cut, or not a lip network of this version.
        """
        if not path.is_file():
            raise ModelError(f"no lip network at {path}; reinstall livetalk, or run scripts/train_lips.py")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except _LOAD_ERRORS as error:
            raise ModelError(
                f"{path} is cut or not an ONNX model; reinstall livetalk, or run scripts/train_lips.py"
            ) from error
        self._check_ports(path)

    def _check_ports(self, path: Path) -> None:
        found = [
            (port.name, port.type, tuple(port.shape[1:]))
            for port in (*self._session.get_inputs(), *self._session.get_outputs())
        ]
        kind = "tensor(float)"
        expected = [(INPUT, kind, WINDOW_SHAPE), (OUTPUT, kind, (len(PARAMETERS),))]
        if found != expected:
            raise ModelError(
                f"{path} is not this version's lip network: it has {found}, expected {expected}; "
                "reinstall livetalk, or run scripts/train_lips.py"
            )

    def __call__(self, windows: Float32Array) -> Float32Array:
        """(n, *WINDOW_SHAPE) of `VisemeFeatures` to (n, 7) mouth parameters in [0, 1].

        Raises:
            ValueError: the windows have another shape.
        """
        if windows.shape[1:] != WINDOW_SHAPE:
            raise ValueError(f"expected windows of (n, *{WINDOW_SHAPE}), got {windows.shape}")
        (mouths,) = self._session.run([OUTPUT], {INPUT: np.ascontiguousarray(windows, np.float32)})
        result: Float32Array = mouths
        return result


__all__ = ["INPUT", "OUTPUT", "LipNetwork"]
