"""A Whisper network in CTranslate2's format, run by the faster-whisper package; nothing is fetched."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livetalk.errors import ModelError, PluginError, ProviderError
from livetalk.types import SAMPLE_RATE, Int16Array

logger = logging.getLogger(__name__)

NEEDED = (("model.bin",), ("config.json",), ("tokenizer.json",), ("vocabulary.txt", "vocabulary.json"))
"""files, of each the first that is there"""
WINDOW_S = 30.0
"""what the network hears at once"""
MOST_TOKENS = 220
"""of one window: with a prompt of 224 they fit into the network's 448 positions"""
TOKENS_A_SECOND, TOKENS_AT_LEAST = 20, 20
"""faster than anybody speaks: it ends a network that repeats itself over a short sound"""
MOST_COMPRESSION = 2.4
"""text that compresses better than this repeats itself; the bound is that of Whisper's own decoding"""
TEMPERATURES = (0.0, 0.4)
"""the second one is for what came out as repetition or as nothing likely"""


@dataclass(frozen=True, slots=True)
class WhisperOptions:
    """What `stt_options` may say."""

    beam_size: int = 1
    compute_type: str = "auto"
    """int8 on a CPU, float16 on a GPU that has it"""
    device: str = ""
    """other than that of the settings"""
    partial_every_ms: int = 700
    """0 for none"""
    prompt: str = ""
    """names and words to expect, in the language that is spoken"""
    threads: int = 1
    """on a CPU, of each transcript; lips need cores too"""


class Whisper:
    """Understands speech; several threads may ask at the same time."""

    def __init__(self, model: Any, language: str, options: WhisperOptions) -> None:
        self._model = model
        self._language = language
        self._options = options
        self._finds_language = not language and model.model.is_multilingual

    def understand(self, speech: Int16Array, give_up: Callable[[], bool]) -> str | None:
        """The text of a stretch of speech; None where `give_up`, asked between windows, said so.

        Raises:
            ProviderError: the network cannot be run on it.
        """
        try:
            return self._understand(speech, give_up)
        except (RuntimeError, ValueError) as error:  # CTranslate2's: out of memory, a broken driver
            raise ProviderError(f"the recogniser failed: {error}", retryable=False) from error

    def _understand(self, speech: Int16Array, give_up: Callable[[], bool]) -> str | None:
        if give_up():
            return None
        seconds = len(speech) / SAMPLE_RATE
        segments, _ = self._model.transcribe(
            speech.astype(np.float32) / 32768,
            language=self._language or "en",
            multilingual=self._finds_language,  # finds it within the one pass; without, it takes a second one
            beam_size=self._options.beam_size,
            best_of=1,
            temperature=TEMPERATURES,
            condition_on_previous_text=False,
            initial_prompt=self._options.prompt or None,
            without_timestamps=seconds <= WINDOW_S,
            max_new_tokens=min(MOST_TOKENS, TOKENS_AT_LEAST + int(seconds * TOKENS_A_SECOND)),
        )
        said = []
        for segment in segments:
            if give_up():
                return None
            if segment.compression_ratio <= MOST_COMPRESSION:
                said.append(segment.text)
        return "".join(said).strip()


def load(folder: Path, device: str, options: WhisperOptions, workers: int) -> Any:
    """The network in a folder, having heard something once.

    Raises:
        PluginError: the package is missing.
        ModelError: it cannot be read, or not run on this device.
    """
    try:
        package = importlib.import_module("faster_whisper")
        translator = importlib.import_module("ctranslate2")
        bars = importlib.import_module("tqdm").tqdm
    except ImportError as error:
        raise PluginError(
            f'the recogniser needs the package faster-whisper ({error}): pip install "livetalk[whisper]"'
        ) from error
    bars.monitor_interval = 0  # the package makes hidden progress bars, and they would start a thread
    problem: Exception | None = None
    for name, index in _devices(device, translator):
        try:
            model = package.WhisperModel(
                str(folder),
                device=name,
                device_index=index,
                compute_type=_compute_type(options.compute_type, name, translator),
                cpu_threads=options.threads,
                num_workers=workers,
                local_files_only=True,
            )
            list(model.transcribe(np.zeros(SAMPLE_RATE, np.float32), language="en", max_new_tokens=1)[0])
        except Exception as error:  # noqa: BLE001 - CTranslate2 and tokenizers raise whatever a bad file causes
            logger.warning("the recogniser does not run on %s: %s", name, error)
            problem = error
        else:
            logger.info("the recogniser in %s runs on %s, in %s", folder, name, model.model.compute_type)
            return model
    raise ModelError(f"{folder} cannot be loaded as a recogniser on {device}: {problem}") from problem


def missing(folder: Path) -> str:
    """The files that are not there; "" where all are."""
    lacking = [names for names in NEEDED if not any((folder / name).is_file() for name in names)]
    return ", ".join(" or ".join(names) for names in lacking)


def _devices(asked: str, translator: Any) -> Sequence[tuple[str, int]]:
    """What to try, the best first."""
    name, _, index = asked.partition(":")
    if name == "auto":
        return (("cuda", 0), ("cpu", 0)) if translator.get_cuda_device_count() else (("cpu", 0),)
    return ((name, int(index or 0)),)


def _compute_type(asked: str, device: str, translator: Any) -> str:
    if asked != "auto":
        return asked
    if device == "cpu":
        return "int8"
    return "float16" if "float16" in translator.get_supported_compute_types(device) else "auto"


__all__ = ["WINDOW_S", "Whisper", "WhisperOptions", "load", "missing"]
