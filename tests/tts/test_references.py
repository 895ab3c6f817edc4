from __future__ import annotations

import io
import os
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from livetalk.errors import ProviderError
from livetalk.tts.references import LARGEST_BYTES, Reference, References


def wav(seconds: float, rate: int = 22_050) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        times = np.arange(round(seconds * rate)) / rate
        file.writeframes((8_000 * np.sin(2 * np.pi * 220 * times)).astype("<i2").tobytes())
    return target.getvalue()


def coded(seconds: float, container: str, codec: str, rate: int = 44_100) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        times = np.arange(round(seconds * rate)) / rate
        samples = (8_000 * np.sin(2 * np.pi * 220 * times)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = rate
        fitted = av.AudioResampler(format=stream.format, layout="mono", rate=rate, frame_size=1024)
        for piece in [*fitted.resample(frame), *fitted.resample(None)]:
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return target.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    voices = tmp_path / "voices"
    voices.mkdir()
    return voices


def reference(folder: Path, name: str) -> Reference:
    found = References(folder).find(name)
    assert found is not None
    return found


def seconds(sound: bytes) -> float:
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return float(file.getnframes() / file.getframerate())


def test_recordings_are_listed_by_their_names(folder: Path) -> None:
    for name in ("zoe.mp3", "anna.WAV", "anna maria.flac", "小明.ogg", "ben.m4a", "notes.txt", "zoe.txt"):
        (folder / name).write_bytes(b"")
    assert [*References(folder).all()] == ["anna", "anna maria", "ben", "zoe", "小明"]


def test_what_is_no_plain_name_or_no_file_is_not_listed(folder: Path) -> None:
    for name in (".hidden.wav", "-rf.wav", "a\nb.wav", "x" * 65 + ".wav", ".wav"):
        (folder / name).write_bytes(b"")
    (folder / "folder.wav").mkdir()
    assert [*References(folder).all()] == []


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "..", "", "voices/anna", "anna.wav", "anna\0"])
def test_a_name_is_never_made_a_path(folder: Path, name: str) -> None:
    (folder / "anna.wav").write_bytes(wav(3))
    (folder.parent / "secret.wav").write_bytes(wav(3))
    assert References(folder).find(name) is None


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert [*References(tmp_path / "none").all()] == []
    assert References(tmp_path / "none").first() is None


def test_a_recording_that_comes_later_is_found(folder: Path) -> None:
    references = References(folder)
    assert references.first() is None
    (folder / "anna.wav").write_bytes(wav(3))
    assert references.first() == references.find("anna")


def test_a_recording_that_changed_is_another_one(folder: Path) -> None:
    (folder / "anna.wav").write_bytes(wav(3))
    before = reference(folder, "anna")
    os.utime(folder / "anna.wav", ns=(1, before.changed_ns + 1))
    assert reference(folder, "anna") != before


def test_of_several_files_of_a_name_the_lossless_one_is_taken(folder: Path) -> None:
    for suffix in ("mp3", "flac", "wav"):
        (folder / f"anna.{suffix}").write_bytes(b"")
    assert reference(folder, "anna").path == folder / "anna.wav"


def test_what_is_said_is_read_without_its_line_ends(folder: Path) -> None:
    (folder / "anna.wav").write_bytes(wav(3))
    (folder / "anna.txt").write_bytes("\ufeffGuten Tag,\r\nwie geht es Ihnen?\n".encode())
    anna = reference(folder, "anna")
    assert anna.text() == anna.needed_text("acme") == "Guten Tag, wie geht es Ihnen?"
    assert anna.language() == "de"


def test_a_provider_that_needs_the_text_says_which_file_to_add(folder: Path) -> None:
    (folder / "anna.wav").write_bytes(wav(3))
    anna = reference(folder, "anna")
    assert anna.text() == anna.language() == ""
    with pytest.raises(
        ProviderError, match=r"acme has to know what is said in anna\.wav.*anna\.txt"
    ) as caught:
        anna.needed_text("acme")
    assert not caught.value.retryable


@pytest.mark.parametrize(("content", "fault"), [(b"\xff\xfe\x00", "UTF-8"), (b"a" * 1001, "1001 characters")])
def test_a_text_that_is_none_is_refused(folder: Path, content: bytes, fault: str) -> None:
    (folder / "anna.wav").write_bytes(wav(3))
    (folder / "anna.txt").write_bytes(content)
    with pytest.raises(ProviderError, match=fault):
        reference(folder, "anna").text()


def test_a_wav_file_stays_as_it_is(folder: Path) -> None:
    (folder / "anna.wav").write_bytes(wav(3))
    assert reference(folder, "anna").wav() == (folder / "anna.wav").read_bytes()


@pytest.mark.parametrize(
    ("suffix", "container", "codec"),
    [("mp3", "mp3", "libmp3lame"), ("flac", "flac", "flac"), ("m4a", "mp4", "aac"), ("wav", "flac", "flac")],
)
def test_other_recordings_become_wav(folder: Path, suffix: str, container: str, codec: str) -> None:
    (folder / f"anna.{suffix}").write_bytes(coded(3, container, codec))
    assert seconds(reference(folder, "anna").wav()) == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"not a sound", "not a sound file"),
        (wav(0.5), r"lasts 0\.5 s"),
        (wav(61), "61"),
        (coded(61, "mp3", "libmp3lame"), "6[12]"),
    ],
)
def test_a_recording_that_cannot_be_cloned_is_refused_by_its_name(
    folder: Path, content: bytes, fault: str
) -> None:
    (folder / "anna.wav").write_bytes(content)
    with pytest.raises(ProviderError, match=rf"anna\.wav.*{fault}") as caught:
        reference(folder, "anna").wav()
    assert not caught.value.retryable


@pytest.mark.parametrize("seconds", [2.5, 12])
def test_a_provider_may_take_less(folder: Path, seconds: float) -> None:
    (folder / "anna.wav").write_bytes(wav(seconds))
    reference(folder, "anna").wav()
    with pytest.raises(ProviderError, match=rf"{seconds:.1f} s; .* 3 to 10 s"):
        reference(folder, "anna").wav(3, 10)


def test_a_recording_is_read_again_when_it_changed(folder: Path) -> None:
    (folder / "anna.wav").write_bytes(wav(3))
    before = reference(folder, "anna").wav()
    (folder / "anna.wav").write_bytes(wav(4))
    assert len(reference(folder, "anna").wav()) > len(before)


def test_a_recording_that_is_too_large_is_refused(folder: Path) -> None:
    with (folder / "anna.wav").open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    with pytest.raises(ProviderError, match="more than 20 MB"):
        reference(folder, "anna").wav()


def test_a_recording_that_is_gone_is_named(folder: Path) -> None:
    (folder / "anna.wav").write_bytes(wav(3))
    anna = reference(folder, "anna")
    (folder / "anna.wav").unlink()
    with pytest.raises(ProviderError, match=r"anna\.wav cannot be read"):
        anna.wav()
