from __future__ import annotations

import io
import threading
import wave
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError, SettingsError
from livetalk.protocols import STTOptions, Transcript
from livetalk.registry import make_stt
from livetalk.stt.openai import OpenAISTT
from livetalk.types import SAMPLE_RATE, Int16Array
from tests.stt.sounds import noise, pieces
from tests.stt.transcription_server import (
    Answer,
    TranscriptionServer,
    chunk,
    cut,
    delta,
    done,
    plainly,
    refused,
    running,
    said,
    silent,
    slowly,
    streamed,
)

WAIT_S = 10.0
SPEECH = noise(0.7)


@pytest.fixture
def server() -> Iterator[TranscriptionServer]:
    with running() as server:
        yield server


@pytest.fixture
def made(server: TranscriptionServer) -> Iterator[Any]:
    """Makes recognisers of the server, loaded, and closes them."""
    open_ones: list[OpenAISTT] = []

    def make(**options: Any) -> OpenAISTT:
        defaults: dict[str, Any] = {"url": server.url, "model": "whisper", "timeout_s": WAIT_S}
        recogniser = OpenAISTT(STTOptions(**{**defaults, **options}))
        recogniser.load()
        open_ones.append(recogniser)
        return recogniser

    yield make
    for each in open_ones:
        each.close()


def heard(recogniser: OpenAISTT, sound: Int16Array = SPEECH) -> list[Transcript]:
    return [*recogniser.transcribe(pieces(sound), Cancellation())]


def final(text: str, language: str = "") -> Transcript:
    return Transcript(text, final=True, language=language)


# -- what is asked ----------------------------------------------------------------------------------


def test_the_wav_that_is_sent_is_exactly_the_sound(server: TranscriptionServer, made: Any) -> None:
    assert heard(made()) == [final("hello")]
    (asked,) = server.asked
    assert asked.file_name == "speech.wav"
    assert asked.file_type == "audio/wav"
    with wave.open(io.BytesIO(asked.content)) as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (1, 2, SAMPLE_RATE)
        assert np.array_equal(np.frombuffer(wav.readframes(wav.getnframes()), "<i2"), SPEECH)


def test_the_fields_are_those_of_the_protocol(server: TranscriptionServer, made: Any) -> None:
    heard(made(language="de", key="the-key", extra={"prompt": "Namen: Ada.", "temperature": 0}))
    (asked,) = server.asked
    assert asked.key == "the-key"
    assert asked.fields == {
        "model": "whisper",
        "response_format": "json",
        "language": "de",
        "prompt": "Namen: Ada.",
        "temperature": "0",
    }


def test_what_is_not_set_is_not_sent(server: TranscriptionServer, made: Any) -> None:
    heard(made())
    assert server.asked[0].fields == {"model": "whisper", "response_format": "json"}


def test_the_language_that_was_asked_for_is_told(made: Any) -> None:
    assert heard(made(language="en")) == [final("hello", "en")]


def test_a_sound_without_samples_asks_nobody(server: TranscriptionServer, made: Any) -> None:
    assert heard(made(), np.zeros(0, np.int16)) == [final("")]
    assert server.asked == []


def test_the_official_key_goes_to_the_official_endpoint_alone(
    server: TranscriptionServer, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the-official-one")
    heard(made())
    assert server.asked[0].key != "the-official-one"


def test_without_any_key_the_official_endpoint_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for url in ("", "https://api.openai.com/v1"):
        with pytest.raises(ProviderError, match="set LIVETALK_STT_KEY") as caught:
            OpenAISTT(STTOptions(url=url)).load()
        assert not caught.value.retryable


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "http://127.0.0.1:1/v1"}, "name the model to use there as stt_model"),
        ({"extra": {"language": "en"}}, "use stt_language"),
        ({"extra": {"response_format": "srt"}}, "response_format is not to be set"),
        ({"extra": {"stream": "yes"}}, "stream is true or false"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        make_stt("openai", STTOptions(**options))


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="stt_url: it looks like"):
        OpenAISTT(STTOptions(url="127.0.0.1:8000", model="whisper")).load()


# -- what comes back --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "  \n", "\u3000"])
def test_a_transcript_of_blanks_is_empty(server: TranscriptionServer, made: Any, text: str) -> None:
    server.answers = [said(text)]
    assert heard(made()) == [final("")]


def test_credits_out_of_a_faint_sound_are_dropped_and_out_of_a_clear_one_are_not(
    server: TranscriptionServer, made: Any
) -> None:
    server.answers = [said("Thank you for watching!")]
    recogniser = made()
    assert heard(recogniser, noise(1.0, level=20)) == [final("")]
    assert heard(recogniser, noise(1.0)) == [final("Thank you for watching!")]


def test_a_streamed_transcript_grows_and_ends(server: TranscriptionServer, made: Any) -> None:
    server.answers = [streamed(delta("Good"), delta(" morning"), done("Good morning."))]
    assert heard(made(extra={"stream": True})) == [
        Transcript("Good", final=False),
        Transcript("Good morning", final=False),
        final("Good morning."),
    ]
    assert server.asked[0].fields["stream"] == "true"


def test_chunks_as_vllm_streams_them_are_read(server: TranscriptionServer, made: Any) -> None:
    usage = {"id": "trsc-1", "object": "transcription.chunk", "choices": [], "usage": {"total_tokens": 9}}
    server.answers = [streamed(chunk(" Good"), chunk(" morning."), usage, "[DONE]")]
    told = heard(made(extra={"stream": True}))
    assert [each.text for each in told] == ["Good", "Good morning.", "Good morning."]
    assert [each.final for each in told] == [False, False, True]


def test_an_endpoint_that_does_not_stream_after_all_is_understood(
    server: TranscriptionServer, made: Any
) -> None:
    assert heard(made(extra={"stream": True})) == [final("hello")]


def test_an_answer_that_takes_a_while_is_waited_for(server: TranscriptionServer, made: Any) -> None:
    server.answers = [slowly(said("hello"), 0.3)]
    assert heard(made()) == [final("hello")]


# -- what goes wrong --------------------------------------------------------------------------------


def test_one_failure_is_tried_again(server: TranscriptionServer, made: Any) -> None:
    server.answers = [refused(500, "oops"), said("hello")]
    assert heard(made()) == [final("hello")]
    assert len(server.asked) == 2
    assert server.asked[0].content == server.asked[1].content


def test_a_server_that_always_fails_is_tried_twice(server: TranscriptionServer, made: Any) -> None:
    server.answers = [refused(500, "out of order")]
    with pytest.raises(ProviderError, match=r"500.*out of order") as caught:
        heard(made())
    assert caught.value.retryable
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (refused(401, "Incorrect API key provided"), "refuses the key; check LIVETALK_STT_KEY"),
        (refused(413, "Maximum content size limit exceeded"), "413.*Maximum content size"),
        (refused(404, "The model `whisper` does not exist"), "404.*does not exist"),
        (plainly(200, '{"text": "hel'), "no transcript; check stt_url"),
        (plainly(200, '{"task": "transcribe"}'), "no transcript; check stt_url"),
        (plainly(200, '["hello"]'), "no transcript; check stt_url"),
        (plainly(200, "<html>Log in</html>", "text/html"), "no transcript; check stt_url"),
    ],
)
def test_what_will_not_get_better_is_not_tried_again(
    server: TranscriptionServer, made: Any, answer: Answer, message: str
) -> None:
    server.answers = [answer]
    with pytest.raises(ProviderError, match=message) as caught:
        heard(made())
    assert not caught.value.retryable
    assert len(server.asked) == 1


def test_an_event_that_cannot_be_read_is_an_error(server: TranscriptionServer, made: Any) -> None:
    server.answers = [streamed(delta("Good"), "morning")]
    with pytest.raises(ProviderError, match="no transcript"):
        heard(made(extra={"stream": True}))


def test_an_answer_that_breaks_off_is_tried_again(server: TranscriptionServer, made: Any) -> None:
    server.answers = [cut('{"text": "hel'), said("hello")]
    assert heard(made()) == [final("hello")]
    assert len(server.asked) == 2


def test_a_stream_that_breaks_off_is_tried_again(server: TranscriptionServer, made: Any) -> None:
    server.answers = [streamed(delta("Good"), then="break"), streamed(done("Good morning."))]
    assert heard(made(extra={"stream": True}))[-1] == final("Good morning.")
    assert len(server.asked) == 2


def test_a_stream_without_a_word_is_tried_again(server: TranscriptionServer, made: Any) -> None:
    server.answers = [streamed(), said("hello")]
    assert heard(made(extra={"stream": True})) == [final("hello")]


@pytest.mark.parametrize("answer", [silent, streamed(delta("Good"), then="hang")])
def test_a_server_that_hangs_is_given_up(
    server: TranscriptionServer, made: Any, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers = [answer]
    with pytest.raises(ProviderError, match=r"did not answer within|fell silent for") as caught:
        heard(made(timeout_s=0.2, extra={"stream": True}))
    assert caught.value.retryable
    assert server.left.wait(WAIT_S)
    assert "asking once more" not in caplog.text, "there was no time left"


def test_a_server_that_is_not_there_is_told(made: Any) -> None:
    with pytest.raises(
        ProviderError, match=r"at 127\.0\.0\.1:9 cannot be reached .*; check stt_url"
    ) as caught:
        heard(made(url="http://127.0.0.1:9/v1"))
    assert caught.value.retryable


# -- what is no longer wanted -----------------------------------------------------------------------


def test_cancelling_closes_the_connection(server: TranscriptionServer, made: Any) -> None:
    server.answers = [silent]
    cancel, told = Cancellation(), []
    recogniser = made()
    listener = threading.Thread(target=lambda: told.extend(recogniser.transcribe(pieces(SPEECH), cancel)))
    listener.start()
    assert server.arrived.wait(WAIT_S)
    cancel.cancel()
    listener.join(WAIT_S)
    assert not listener.is_alive()
    assert server.left.wait(WAIT_S)
    assert told == []


@pytest.mark.parametrize("spoken", [SPEECH, SPEECH[:0]])
def test_speech_that_is_cancelled_while_it_is_spoken_is_not_sent(
    server: TranscriptionServer, made: Any, spoken: Int16Array
) -> None:
    cancel = Cancellation()

    def broken_off() -> Iterator[Int16Array]:
        yield spoken
        cancel.cancel()

    assert [*made().transcribe(broken_off(), cancel)] == []
    assert server.asked == []


def test_a_reader_that_leaves_ends_the_request(server: TranscriptionServer, made: Any) -> None:
    server.answers = [streamed(delta("Good"), then="hang")]
    reader = made(extra={"stream": True}).transcribe(pieces(SPEECH), Cancellation())
    assert next(reader) == Transcript("Good", final=False)
    reader.close()
    assert server.left.wait(WAIT_S)


def test_what_is_closed_says_so(made: Any) -> None:
    recogniser = made()
    recogniser.close()
    with pytest.raises(ProviderError, match="closed"):
        heard(recogniser)
