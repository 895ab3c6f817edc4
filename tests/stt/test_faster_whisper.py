"""The real package runs a real network here, made in the test: see `parrot.py`."""

from __future__ import annotations

import importlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livetalk.cancellation import Cancellation
from livetalk.errors import ModelError, PluginError, ProviderError, SettingsError
from livetalk.protocols import STTOptions, Transcript
from livetalk.registry import make_stt
from livetalk.stt import guesses
from livetalk.stt.faster_whisper import FasterWhisper
from livetalk.types import Int16Array
from tests.stt.sounds import noise, pieces
from tests.waiting import until

pytest.importorskip("faster_whisper", reason="needs faster-whisper: pip install livetalk[whisper]")

SENTENCE = "good morning dear bird"
WAIT_S = 20.0


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights that holds one recogniser."""
    from tests.stt.parrot import make_parrot

    folder = tmp_path_factory.mktemp("models")
    make_parrot(folder / "whisper" / "base", SENTENCE)
    return folder


@pytest.fixture
def made(models: Path) -> Iterator[Any]:
    """Makes recognisers, loaded, and closes them."""
    open_ones: list[FasterWhisper] = []

    def make(**options: Any) -> FasterWhisper:
        extra = {"partial_every_ms": 0, **options.pop("extra", {})}
        defaults: dict[str, Any] = {"models": models, "device": "cpu", "timeout_s": WAIT_S}
        recogniser = FasterWhisper(STTOptions(**{**defaults, **options}, extra=extra))
        recogniser.load()
        open_ones.append(recogniser)
        return recogniser

    yield make
    for each in open_ones:
        each.close()


class Refusing(Cancellation):
    """Cancels itself when it is asked for the n-th time."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.asked, self._at = 0, at

    def __call__(self) -> bool:
        self.asked += 1
        if self.asked == self._at:
            self.cancel()
        return super().__call__()


def heard(recogniser: FasterWhisper, sound: Int16Array) -> list[Transcript]:
    return [*recogniser.transcribe(pieces(sound), Cancellation())]


# -- what is understood -----------------------------------------------------------------------------


def test_speech_becomes_text(made: Any) -> None:
    assert heard(made(), noise(2.0)) == [Transcript(SENTENCE, final=True, language="en")]


@pytest.mark.parametrize("seconds", [0.02, 0.4, 29.9])
def test_short_and_long_stretches_end_with_one_transcript(made: Any, seconds: float) -> None:
    assert [each.text for each in heard(made(), noise(seconds))] == [SENTENCE]


def test_more_than_one_window_is_understood_to_its_end(made: Any) -> None:
    assert [each.text for each in heard(made(), noise(75.0))] == [" ".join([SENTENCE] * 3)]


@pytest.mark.parametrize("sound", [np.zeros(32000, np.int16), np.full(16000, -32768, np.int16)])
def test_silence_and_a_broken_microphone_are_survived(made: Any, sound: Int16Array) -> None:
    (only,) = heard(made(), sound)
    assert only.final


def test_a_sound_without_samples_is_empty(made: Any) -> None:
    assert heard(made(), np.zeros(0, np.int16)) == [Transcript("", final=True)]


def test_the_language_that_was_asked_for_is_told(made: Any) -> None:
    assert heard(made(language="de"), noise(1.0))[0].language == "de"


def test_what_to_expect_reaches_the_network(made: Any) -> None:
    """It takes places of the decoder, and this network goes by places alone."""
    assert heard(made(extra={"prompt": "Ada"}), noise(1.0))[0].text != SENTENCE


@pytest.mark.parametrize(("language", "finds"), [("", True), ("de", False)])
def test_the_network_gets_the_sound_within_one_and_the_language(
    made: Any, monkeypatch: pytest.MonkeyPatch, language: str, finds: bool
) -> None:
    recogniser, asked = made(language=language), []
    network = recogniser._whisper._model
    real = network.transcribe

    def transcribe(sound: Any, **how: Any) -> Any:
        asked.append((sound, how))
        return real(sound, **how)

    monkeypatch.setattr(network, "transcribe", transcribe)
    heard(recogniser, noise(1.0))
    ((sound, how),) = asked
    assert sound.dtype == np.float32
    assert np.array_equal(sound * 32768, noise(1.0))
    assert how["multilingual"] is finds
    assert language in ("", how["language"])


def test_a_beam_is_searched_where_it_is_asked_for(made: Any) -> None:
    assert heard(made(extra={"beam_size": 3}), noise(1.0))[0].text == SENTENCE


def test_what_repeats_itself_is_left_out(models: Path, made: Any) -> None:
    from tests.stt.parrot import make_parrot

    make_parrot(models / "whisper" / "loop", " ".join(["bird"] * 19))
    assert heard(made(model="loop"), noise(1.0)) == [Transcript("", final=True)]


def test_credits_out_of_a_faint_sound_are_dropped(models: Path, made: Any) -> None:
    from tests.stt.parrot import make_parrot

    make_parrot(models / "whisper" / "film", "Thank you for watching")
    recogniser = made(model="film")
    assert heard(recogniser, noise(1.0, level=20))[0].text == ""
    assert heard(recogniser, noise(1.0))[0].text == "Thank you for watching"


# -- guesses ----------------------------------------------------------------------------------------


def test_a_guess_comes_while_the_speech_goes_on(made: Any) -> None:
    recogniser = made(extra={"partial_every_ms": 500})
    told: list[Transcript] = []

    def speech() -> Iterator[Int16Array]:
        yield from pieces(noise(0.6))
        while not told:
            yield np.zeros(0, np.int16)
        yield from pieces(noise(0.4))

    for each in recogniser.transcribe(speech(), Cancellation()):
        told.append(each)
    assert told[0] == Transcript(SENTENCE, final=False, language="en")
    assert told[-1] == Transcript(SENTENCE, final=True, language="en")


def test_a_guess_that_is_stuck_holds_up_no_final_transcript(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser = made(extra={"partial_every_ms": 100})
    begun, go_on = threading.Event(), threading.Event()
    real = recogniser._guesses._understand

    def stuck(speech: Int16Array, give_up: Callable[[], bool]) -> str | None:
        begun.set()
        assert go_on.wait(WAIT_S)
        return real(speech, give_up)  # type: ignore[no-any-return]

    monkeypatch.setattr(recogniser._guesses, "_understand", stuck)

    def speech() -> Iterator[Int16Array]:
        yield from pieces(noise(1.0))
        assert begun.wait(WAIT_S)

    try:
        assert [*recogniser.transcribe(speech(), Cancellation())] == [
            Transcript(SENTENCE, final=True, language="en")
        ]
    finally:
        go_on.set()


def test_without_guesses_no_thread_is_started(made: Any) -> None:
    before = threading.active_count()
    made()
    assert threading.active_count() == before


def test_closing_ends_the_thread_of_guesses(made: Any) -> None:
    recogniser = made(extra={"partial_every_ms": 100})
    recogniser.close()
    assert "stt-guesses" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(ProviderError, match="closed"):
        heard(recogniser, noise(0.5))


def test_the_bound_on_slow_guesses_is_shorter_than_closing_waits() -> None:
    from livetalk.worker import STOP_TIMEOUT_S

    assert guesses.SLOWEST_S < STOP_TIMEOUT_S


# -- several sessions -------------------------------------------------------------------------------


def test_sessions_share_the_network_and_each_gets_its_transcript(made: Any) -> None:
    recogniser = made()
    told: list[Transcript] = []
    threads = [threading.Thread(target=lambda: told.extend(heard(recogniser, noise(1.0)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert [each.text for each in told] == [SENTENCE] * 4


# -- what is no longer wanted, and what takes too long ----------------------------------------------


def test_speech_that_is_cancelled_while_it_is_spoken_is_not_understood(made: Any) -> None:
    cancel = Cancellation()

    def broken_off() -> Iterator[Int16Array]:
        yield noise(1.0)
        cancel.cancel()

    assert [*made().transcribe(broken_off(), cancel)] == []


def test_cancelling_ends_it_between_two_windows(made: Any) -> None:
    cancel = Refusing(at=5)
    assert [*made().transcribe(pieces(noise(290.0)), cancel)] == []
    assert cancel.asked < 9, "of ten windows, most were never looked at"


def test_one_who_waits_for_a_turn_and_is_cancelled_leaves_at_once(made: Any) -> None:
    recogniser, cancel = made(), Cancellation()
    told: list[Transcript] = []
    with recogniser._line.turn(float("inf"), Cancellation()):
        waiting = threading.Thread(
            target=lambda: told.extend(recogniser.transcribe(pieces(noise(1.0)), cancel))
        )
        waiting.start()
        until(lambda: len(recogniser._line._waiting) == 2)
        cancel.cancel()
        waiting.join(WAIT_S)
        assert not waiting.is_alive()
    assert told == []


def test_a_turn_that_does_not_come_in_time_is_an_error(made: Any) -> None:
    recogniser = made(timeout_s=0.1)
    with (
        recogniser._line.turn(float("inf"), Cancellation()),
        pytest.raises(ProviderError, match="too much to do") as caught,
    ):
        heard(recogniser, noise(1.0))
    assert caught.value.retryable


def test_what_takes_too_long_is_given_up_between_two_windows(made: Any) -> None:
    with pytest.raises(ProviderError, match=r"within 0\.001 s; a smaller stt_model is faster"):
        heard(made(timeout_s=0.001), noise(120.0))


# -- weights ----------------------------------------------------------------------------------------


def test_missing_weights_are_named_with_the_command_that_brings_them(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"lacks model.bin, config.json, .*livetalk models") as caught:
        make_stt("faster-whisper", STTOptions(models=tmp_path, model="small")).load()
    assert str(caught.value).endswith(f"livetalk models download whisper-small --models-dir {tmp_path}")


def test_a_network_of_ones_own_is_named_by_its_folder(models: Path, made: Any) -> None:
    assert heard(made(model=str(models / "whisper" / "base")), noise(1.0))[0].text == SENTENCE
    with pytest.raises(ModelError, match="it is to be a folder of a Whisper converted for CTranslate2"):
        made(model=str(models / "elsewhere"))


def test_weights_that_are_cut_are_told(models: Path, made: Any, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    folder.mkdir()
    for path in (models / "whisper" / "base").iterdir():
        content = path.read_bytes()
        (folder / path.name).write_bytes(content[: len(content) // 2] if path.suffix == ".bin" else content)
    with pytest.raises(ModelError, match="cannot be loaded as a recogniser on cpu"):
        made(model=str(folder))


def test_a_device_that_is_not_here_is_told(made: Any) -> None:
    with pytest.raises(ModelError, match="on npu"):
        made(device="npu")


def test_nothing_is_fetched(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert heard(made(), noise(1.0))[0].text == SENTENCE


def test_a_language_that_it_does_not_know_is_refused_at_the_start(made: Any) -> None:
    with pytest.raises(ModelError, match="does not understand 'qq'"):
        made(language="qq")


def test_a_missing_package_is_named_with_what_brings_it(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", gone)
    with pytest.raises(PluginError, match=r'pip install "livetalk\[whisper\]"'):
        FasterWhisper(STTOptions(models=models)).load()


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"beams": 5}, "unknown option 'beams'; there are: beam_size, compute_type"),
        ({"threads": "2"}, "threads is '2', and has to be of type int"),
        ({"threads": True}, "threads is True"),
    ],
)
def test_options_that_cannot_be_are_refused(extra: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        make_stt("faster-whisper", STTOptions(extra=extra))
