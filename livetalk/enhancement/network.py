"""The network that restores a face: GFPGAN as ONNX.

X. Wang et al., "Towards real-world blind face restoration with generative facial prior", 2021. Its exports,
such as GFPGAN-onnxruntime-demo's and those that facefusion publishes, take one face of 512 x 512 pixels as
(1, 3, 512, 512), RGB in [-1, 1], and give the same; what their input and output are called varies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livetalk.enhancement.align import FACE_PX
from livetalk.errors import ModelError
from livetalk.types import Float32Array

FOLDER = "enhance"
"""below the models' folder"""
NAMES = tuple(
    pattern.format(version)
    for version in ("1.4", "1.3", "1.2")
    for pattern in ("GFPGANv{}.onnx", "gfpgan_{}.onnx", "gfpgan-v{}.onnx")
)
"""as it is published; the first that is there is taken"""
SHAPE = (1, 3, FACE_PX, FACE_PX)
KINDS = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
HALF = 127.5
"""of the levels, which the network knows as 1"""
GPU = "CUDAExecutionProvider"
AGAIN = "fetch it again where it came from"

Face = npt.NDArray[np.uint8]
"""(512, 512, 3), RGB"""


def find_network(models: Path) -> Path:
    """The network's file.

    Raises:
        ModelError: there is none; says what to do.
    """
    folder = models / FOLDER
    for name in NAMES:
        if (folder / name).is_file():
            return folder / name
    raise ModelError(
        f"restoring faces needs GFPGAN as ONNX, which no command here fetches: get {NAMES[1]} (340 MB), as "
        f"facefusion publishes it, or export {NAMES[0]} by GFPGAN-onnxruntime-demo, and put it into {folder}"
    )


class Restorer:
    """The network, loaded; one thread at a time."""

    def __init__(self, path: Path, device: str) -> None:
        """Read it, for a device: auto, cpu, cuda, cuda:1.

        Raises:
            ModelError: the file is damaged or another network's, or a package or the device is missing.
        """
        try:
            import onnxruntime
            from onnxruntime.capi import onnxruntime_pybind11_state as ort
        except ImportError as error:
            raise ModelError(
                f"restoring faces needs the package onnxruntime ({error}): pip install onnxruntime"
            ) from error
        self._errors = (
            *(ort.Fail, ort.InvalidArgument, ort.InvalidGraph, ort.InvalidProtobuf),
            *(ort.NoSuchFile, ort.NotImplemented, ort.RuntimeException),
        )
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        providers = _providers(device, onnxruntime.get_available_providers())
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=providers)
        except self._errors as error:
            raise ModelError(f"{path} is cut or not an ONNX model; {AGAIN}") from error
        if device.startswith("cuda") and GPU not in self._session.get_providers():
            raise ModelError(
                "onnxruntime cannot use a GPU here: pip install onnxruntime-gpu in its place, or choose "
                "--device cpu"
            )
        self.path = path
        self._entry, self._kind, self._output = self._ports()

    def __call__(self, face: Face) -> Float32Array:
        """What it makes of a face: (512, 512, 3), RGB, levels from 0 to 255.

        Raises:
            ModelError: it gives something that is no picture, or cannot run here.
        """
        shown = (face.astype(np.float32) / HALF - 1).transpose(2, 0, 1)[None]
        try:
            (given,) = self._session.run(
                [self._output], {self._entry: np.ascontiguousarray(shown, self._kind)}
            )
        except self._errors as error:
            raise ModelError(f"{self.path} cannot be run here: {str(error).splitlines()[0]}") from error
        made = np.asarray(given, np.float32)
        if made.shape != SHAPE:
            raise ModelError(f"{self.path} is not GFPGAN: it gave {made.shape} instead of {SHAPE}; {AGAIN}")
        if not np.isfinite(made).all():
            raise ModelError(f"{self.path} gave numbers that are no picture; it is damaged: {AGAIN}")
        return np.asarray((made[0].clip(-1, 1) + 1) * HALF, np.float32).transpose(1, 2, 0)

    def _ports(self) -> tuple[str, Any, str]:
        """What goes in and comes out: the input's name and kind of number, the output's name."""
        entries, outputs = self._session.get_inputs(), self._session.get_outputs()
        pictures = [port for port in outputs if _fits(port)]
        if len(entries) != 1 or not _fits(entries[0]) or not pictures:
            found = [(port.type, port.shape) for port in (*entries, *outputs)]
            raise ModelError(
                f"{self.path} is not GFPGAN: it has {found}, expected one input and an output of "
                f"{SHAPE}; {AGAIN}"
            )
        return entries[0].name, KINDS[entries[0].type], pictures[0].name


def _fits(port: Any) -> bool:
    """Whether it is one of pictures; edges that are left open have a name in place of a number."""
    if port.type not in KINDS or len(port.shape) != len(SHAPE):
        return False
    pairs = zip(port.shape, SHAPE, strict=True)
    return all(edge == wanted for edge, wanted in pairs if isinstance(edge, int))


def _providers(device: str, available: list[str]) -> list[Any]:
    """The GPU before the CPU, where there is one and it may be used."""
    kind, _, number = device.partition(":")
    on_gpu = [(GPU, {"device_id": int(number or 0)})] if kind != "cpu" and GPU in available else []
    return [*on_gpu, "CPUExecutionProvider"]


__all__ = ["FOLDER", "NAMES", "SHAPE", "Face", "Restorer", "find_network"]
