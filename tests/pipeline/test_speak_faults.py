from __future__ import annotations

from livetalk.errors import ProviderError
from livetalk.protocols import Pcm
from livetalk.types import SAMPLE_RATE, SpeechStart
from tests.pipeline.test_speak import Booth, ScriptTTS, marks, noise, sound


def test_a_voice_that_changes_its_rate_in_mid_sentence_is_resampled_by_each_rate() -> None:
    chunks = Booth(ScriptTTS(Pcm(noise(3200), SAMPLE_RATE), Pcm(noise(9600), 48_000))).chunks()
    assert 6400 <= len(sound(chunks)) <= 6400 + 640


def test_a_sentence_whose_voice_breaks_at_once_still_starts_before_it_ends() -> None:
    booth = Booth(ScriptTTS(ProviderError("no voice", retryable=False)))
    booth.speak.start()
    booth.msgqueue.put(booth.sentence())
    chunks = booth.basket.wait(1)
    booth.speak.stop()
    assert isinstance(marks(chunks)[0], SpeechStart)


def test_the_last_samples_before_a_voice_breaks_are_not_lost() -> None:
    booth = Booth(ScriptTTS(Pcm(noise(500), SAMPLE_RATE), ProviderError("no voice", retryable=False)))
    booth.speak.start()
    booth.msgqueue.put(booth.sentence())
    chunks = booth.basket.wait(2)
    booth.speak.stop()
    assert sound(chunks)[:500].tobytes() == noise(500).tobytes()
