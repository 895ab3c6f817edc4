import importlib.util
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from livetalk.cancellation import Cancellation
from livetalk.errors import ProviderError
from livetalk.protocols import Pcm, WordTime
from livetalk.tts import espeak_process
from livetalk.tts import espeak_worker as wire
from livetalk.tts.espeak import EspeakTTS
from livetalk.types import Int16Array, Sentence, Tag

TAG = Tag(0, 0)
RATE = 22_050


@pytest.fixture(scope="module")
def voice() -> Iterator[EspeakTTS]:
    voice = EspeakTTS()
    voice.load()
    yield voice
    voice.close()


@pytest.fixture
def own_voice() -> Iterator[EspeakTTS]:
    """One that a test may break."""
    voice = EspeakTTS()
    voice.load()
    yield voice
    voice.close()


def speak(voice: EspeakTTS, text: str, name: str = "") -> tuple[Int16Array, list[WordTime]]:
    """All sound and all words; checks that no word comes after its sound."""
    pieces: list[Int16Array] = [np.zeros(0, np.int16)]
    words: list[WordTime] = []
    for part in voice.speak(Sentence(text, TAG, name), Cancellation()):
        if isinstance(part, Pcm):
            assert part.rate == RATE
            pieces.append(part.samples)
        else:
            assert round(part.at_s * RATE) >= sum(map(len, pieces))
            assert text[part.offset : part.offset + len(part.text)] == part.text
            assert not words or words[-1].at_s <= part.at_s
            words.append(part)
    return np.concatenate(pieces), words


def loudness(pcm: Int16Array) -> float:
    return float(np.sqrt(np.mean(pcm.astype(np.float64) ** 2)))


def timbre(pcm: Int16Array) -> npt.NDArray[np.float64]:
    """Loudness of 100 Hz bands up to 8 kHz; samples differ each time, by espeak-ng's own noise."""
    spectrum = np.abs(np.fft.rfft(pcm[: RATE // 2].astype(np.float64), RATE))[:8_000].reshape(80, 100)
    bands = np.sqrt((spectrum**2).sum(axis=1))
    return np.asarray(bands / np.linalg.norm(bands))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, I like your café.", ["Hello", "I", "like", "your", "café"]),
        ("Guten Tag, wie geht es Ihnen?", ["Guten", "Tag", "wie", "geht", "es", "Ihnen"]),
        ("今天，我们去公园散步。", ["今", "天", "我", "们", "去", "公", "园", "散", "步"]),
        ("Привет, как дела?", ["Привет", "как", "дела"]),
        ("Windows работает быстро", ["Windows", "работает", "быстро"]),
        ("שלום hello עולם", ["שלום", "hello", "עולם"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("안녕하세요 세계", ["안녕하세요", "세계"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("Γειά σου Κόσμε", ["Γειά", "σου", "Κόσμε"]),
        ("สวัสดีชาวโลก", ["สวัสดีชาวโลก"]),
        ("Hi 😀 there 👩‍👩‍👧 naïve 𝒳 end", ["Hi", "there", "naïve", "𝒳", "end"]),
        ("It costs 3.50 in 2024.", ["It", "costs", "3.50", "in", "2024"]),
        ("a\ud83db\x00c\nd", ["a", "b", "c", "d"]),
    ],
)
def test_each_language_sounds_and_its_words_are_where_they_stand(
    voice: EspeakTTS, text: str, words: list[str]
) -> None:
    pcm, times = speak(voice, text)
    assert loudness(pcm) > 1_000
    assert 0.2 < len(pcm) / RATE < 8
    assert [word.text for word in times] == words


def test_foreign_scripts_are_spoken_by_their_own_voice(voice: EspeakTTS) -> None:
    """espeak-ng's own way is to say "Chinese letter" for each of them."""
    alone = len(speak(voice, "你好", "cmn")[0])
    with_english = len(speak(voice, "hello 你好", "en-us")[0]) - len(speak(voice, "hello", "en-us")[0])
    assert with_english == pytest.approx(alone, rel=0.1)
    kanji, words = speak(voice, "東京へ", "ja")
    assert len(kanji) / RATE < 1.8
    assert [word.text for word in words] == ["東", "京", "へ"]


def test_a_long_sentence_in_chinese_is_spoken_to_its_last_character(voice: EspeakTTS) -> None:
    text = "我们去公园" * 48
    _, words = speak(voice, text)
    assert [word.offset for word in words] == list(range(len(text)))


@pytest.mark.parametrize("text", ["", " ", "...", "?!", "---", "😀", "\n", "“”", "\u200b", "*" * 1000])
def test_a_text_without_words_is_silent(voice: EspeakTTS, text: str) -> None:
    assert list(voice.speak(Sentence(text, TAG), Cancellation())) == []


def test_a_sentence_begins_at_once_and_ends_with_a_pause(voice: EspeakTTS) -> None:
    for text, pause_s in (("Hello.", 0.23), ("你好，", 0.12), ("hello", 0.03)):
        pcm, _ = speak(voice, text)
        loud = np.flatnonzero(np.abs(pcm.astype(int)) > 100)
        assert loud[0] / RATE <= 0.01
        assert (len(pcm) - 1 - loud[-1]) / RATE == pytest.approx(pause_s, abs=0.001)


def test_the_second_sentence_of_a_text_keeps_counting_from_the_first(voice: EspeakTTS) -> None:
    first, _ = speak(voice, "One two.")
    _, words = speak(voice, "One two. Three four.")
    assert (words[2].text, words[2].offset) == ("Three", 9)
    assert words[2].at_s == pytest.approx(len(first) / RATE, abs=0.02)


def test_every_voice_of_the_list_can_be_loaded(voice: EspeakTTS) -> None:
    names = list(voice.voices())
    assert len(names) > 200
    assert {"auto", "cmn", "en-us", "+f2"} <= set(names)
    for name in names:
        list(voice.speak(Sentence("1", TAG, name), Cancellation()))


def test_a_voice_may_be_a_language_a_variant_or_both(voice: EspeakTTS) -> None:
    house = timbre(speak(voice, "hello there")[0])
    for name in ("en", "+m3", "en-us+m3"):
        assert timbre(speak(voice, "hello there", name)[0]) @ house < 0.97, name
    for name in ("auto", "en-us", "+f2", "en-us+f2"):
        assert timbre(speak(voice, "hello there", name)[0]) @ house > 0.99, name


def test_a_sentence_is_spoken_in_the_language_of_what_it_stands_amid(voice: EspeakTTS) -> None:
    amid_german = Sentence("Plan B, 12", TAG, language="de")
    sound = [each.samples for each in voice.speak(amid_german, Cancellation()) if isinstance(each, Pcm)]
    german, english = (len(speak(voice, "Plan B, 12", name)[0]) for name in ("de", "en-us"))
    spoken = len(np.concatenate(sound))
    assert abs(spoken - german) < abs(spoken - english) / 10


@pytest.mark.parametrize("name", ["nobody", "en-us+nobody", "../../../etc/passwd", "en-us+../f2", "en\0us"])
def test_an_unknown_voice_is_refused_and_the_message_says_where_to_look(voice: EspeakTTS, name: str) -> None:
    with pytest.raises(ProviderError, match=r"a voice is a language, as .*/config list all") as refused:
        speak(voice, "hello", name)
    assert not refused.value.retryable


def test_a_wrong_default_voice_fails_at_load_and_leaves_nothing_behind() -> None:
    threads = threading.active_count()
    with pytest.raises(ProviderError):
        EspeakTTS(voice="nobody").load()
    assert threading.active_count() == threads


def test_a_session_that_stops_reading_holds_up_no_other(voice: EspeakTTS) -> None:
    alone = speak(voice, "This one is read very slowly.")[0]
    slow = voice.speak(Sentence("This one is read very slowly.", TAG), Cancellation())
    heard = [part for part in (next(slow), next(slow)) if isinstance(part, Pcm)]
    assert loudness(speak(voice, "This one is not.")[0]) > 1_000
    heard += [part for part in slow if isinstance(part, Pcm)]
    assert sum(len(part.samples) for part in heard) == pytest.approx(len(alone), rel=0.01)


def test_a_cancelled_sentence_ends_and_its_rest_is_not_heard_later(voice: EspeakTTS) -> None:
    expected = len(speak(voice, "Short.")[0])
    heard: list[Pcm | WordTime] = []
    sentence = Sentence("This is a rather long sentence to begin with. And it goes on.", TAG)
    cancel = Cancellation()
    for part in voice.speak(sentence, cancel):
        heard.append(part)
        cancel.cancel()
    assert len(heard) == 1
    assert len(speak(voice, "Short.")[0]) == pytest.approx(expected, rel=0.01)


def test_a_killed_process_fails_its_sentence_and_the_next_one_starts_another(own_voice: EspeakTTS) -> None:
    pid = own_voice._running().pid
    os.kill(pid, signal.SIGSTOP)  # or it would be done before it is killed

    class Killer(Cancellation):
        def __call__(self) -> bool:
            os.kill(pid, signal.SIGKILL)
            return False

    with pytest.raises(ProviderError) as failure:
        list(own_voice.speak(Sentence("Hello.", TAG), Killer()))
    assert failure.value.retryable
    assert loudness(speak(own_voice, "Hello.")[0]) > 1_000
    assert own_voice._running().pid != pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_stuck_process_is_killed(own_voice: EspeakTTS, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak_process, "STALL_S", 0.05)
    os.kill(own_voice._running().pid, signal.SIGSTOP)
    with pytest.raises(ProviderError) as failure:
        speak(own_voice, "Hello.")
    assert failure.value.retryable


def test_closing_leaves_no_thread_and_no_process() -> None:
    threads = set(threading.enumerate())
    voice = EspeakTTS()
    voice.load()
    pid = voice._running().pid
    talking = voice.speak(Sentence("Hello.", TAG), Cancellation())
    next(talking)
    assert {thread.name for thread in set(threading.enumerate()) - threads} == {"espeak-reader", "espeak-log"}
    voice.close()
    voice.close()
    assert set(threading.enumerate()) == threads
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ProviderError, match="closed"):
        speak(voice, "Hello.")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ProviderError, match="pip install espeakng-loader"):
        EspeakTTS().load()


def test_what_the_library_prints_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    voice = EspeakTTS()
    with caplog.at_level(logging.WARNING):
        list(voice.speak(Sentence("1", TAG, "fo"), Cancellation()))  # its dictionary is not in the package
        voice.close()
    assert "fo_dict" in caplog.text


def test_the_process_outlives_an_interrupt_from_the_keyboard_and_ends_with_its_input() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", wire.__name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.read(wire.HEADER.size)[:1] == wire.HELLO
        process.send_signal(signal.SIGINT)
        payload = wire.SAY_HEAD.pack(165, 50) + b"en-us\0hello"
        process.stdin.write(wire.HEADER.pack(wire.SAY, 7, len(payload)) + payload)
        process.stdin.close()
        assert wire.HEADER.pack(wire.END, 7, 0) in process.stdout.read()
        assert process.wait(timeout=10) == 0


def test_the_process_imports_nothing_heavy() -> None:
    program = (
        f"import sys, {wire.__name__}; print(sorted({{'numpy', 'livetalk.types', 'av'}} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_words_behind_a_full_stop_and_a_small_letter_are_told_whole(voice: EspeakTTS) -> None:
    text = "pepper. potato. ginger. radish."
    parts = [*voice.speak(Sentence(text, TAG), Cancellation())]
    words = [(part.text, part.offset) for part in parts if isinstance(part, WordTime)]
    assert words == [("pepper", 0), ("potato", 8), ("ginger", 16), ("radish", 24)]
