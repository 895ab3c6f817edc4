from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.audio.decoding import Decoder, Sound, decoder
from livetalk.audio.wav import EXTENSIBLE, FLOAT, PCM
from livetalk.errors import ProviderError
from livetalk.types import Int16Array
from tests.tts.sounds import coded, strongest_hz, tone, wav

RATE = 24_000
SOUND = tone(RATE, 0.3)
CONTENTS = {
    "pcm": SOUND.tobytes(),
    "wav": wav(SOUND, RATE),
    "mp3": coded(SOUND, RATE, "mp3"),
    "aac": coded(SOUND, RATE, "aac"),
}
CUTS = st.lists(st.integers(1, 4_000), min_size=1, max_size=60)


def decoded(coming: Decoder, content: bytes, cuts: Sequence[int] = ()) -> tuple[Int16Array, set[int]]:
    """All samples and all rates of a content that arrives in pieces."""
    heard: list[Sound] = []
    start = 0
    for size in cuts:
        heard += coming.feed(content[start : start + size])
        start += size
    heard += coming.feed(content[start:])
    heard += coming.flush()
    return np.concatenate([SOUND[:0], *(each.samples for each in heard)]), {each.rate for each in heard}


@pytest.mark.parametrize("kind", CONTENTS)
@given(cuts=CUTS)
@settings(max_examples=25, deadline=None)
def test_sound_in_pieces_is_the_sound_in_one(kind: str, cuts: list[int]) -> None:
    whole, rates = decoded(decoder(kind, RATE), CONTENTS[kind])
    pieces, _ = decoded(decoder(kind, RATE), CONTENTS[kind], cuts)
    assert rates == {RATE}
    assert pieces.tobytes() == whole.tobytes()


@pytest.mark.parametrize("kind", ["wav", "mp3", "aac"])
def test_byte_by_byte_is_fine(kind: str) -> None:
    content = CONTENTS[kind]
    whole, _ = decoded(decoder("auto"), content)
    pieces, _ = decoded(decoder("auto"), content, [1] * len(content))
    assert pieces.tobytes() == whole.tobytes()


@pytest.mark.parametrize("kind", CONTENTS)
def test_every_format_is_the_tone_that_went_into_it(kind: str) -> None:
    pcm, _ = decoded(decoder(kind, RATE), CONTENTS[kind])
    assert strongest_hz(pcm, RATE) == pytest.approx(440, abs=5)
    assert len(pcm) / RATE == pytest.approx(0.3, abs=0.09)
    if kind in ("pcm", "wav"):
        assert pcm.tobytes() == SOUND.tobytes()


def test_the_rate_of_a_header_wins_over_what_was_expected() -> None:
    for kind in ("pcm", "wav"):
        pcm, rates = decoded(decoder(kind, 24_000), wav(tone(16_000), 16_000))
        assert rates == {16_000}
        assert pcm.tobytes() == tone(16_000).tobytes()
    assert decoded(decoder("mp3"), coded(tone(44_100), 44_100, "mp3"))[1] == {44_100}


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_that_does_not_know_its_length_is_read_to_its_end(size: int) -> None:
    assert decoded(decoder("wav"), wav(SOUND, RATE, size))[0].tobytes() == SOUND.tobytes()


@given(cuts=CUTS)
@settings(max_examples=25, deadline=None)
def test_chunks_around_the_sound_are_left_out(cuts: list[int]) -> None:
    note = b"LIST" + struct.pack("<I", 5) + b"hello\0"
    whole = wav(SOUND, RATE)
    content = whole[:12] + note + whole[12:] + note
    assert decoded(decoder("wav"), content, cuts)[0].tobytes() == SOUND.tobytes()


def test_wavs_one_after_the_other_are_one_sound() -> None:
    both = np.concatenate([SOUND, SOUND])
    assert decoded(decoder("wav"), 2 * wav(SOUND, RATE))[0].tobytes() == both.tobytes()


def test_a_sound_chunk_of_odd_length_is_padded_and_ends_within_a_sample() -> None:
    first = wav(SOUND, RATE, 2 * len(SOUND) + 1) + b"\x07" + b"\0"
    both = np.concatenate([SOUND, SOUND])
    for cuts in ((), [1] * (len(first) + 20)):
        assert decoded(decoder("wav"), first + wav(SOUND, RATE), cuts)[0].tobytes() == both.tobytes()


def head(tag: int, channels: int, bits: int, extension: bytes = b"") -> bytes:
    """A WAV's beginning, up to its data."""
    format_chunk = struct.pack("<HHIIHH", tag, channels, RATE, 0, 0, bits) + extension
    return (
        b"RIFF\xff\xff\xff\xffWAVEfmt "
        + struct.pack("<I", len(format_chunk))
        + format_chunk
        + b"data\xff\xff\xff\xff"
    )


@given(cuts=CUTS)
@settings(max_examples=25, deadline=None)
def test_stereo_floats_become_one_channel_of_16_bits(cuts: list[int]) -> None:
    left = np.linspace(-1, 1, 2_000)
    content = head(FLOAT, 2, 32) + np.stack([left, left / 2], axis=1).astype("<f4").tobytes()
    pcm, _ = decoded(decoder("wav"), content, cuts)
    assert len(pcm) == 2_000
    assert np.abs(pcm - left * 0.75 * 32768).max() <= 1


def test_extensible_headers_and_32_bits_are_read() -> None:
    extension = struct.pack("<HHIH", 22, 32, 0, PCM) + b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    content = head(EXTENSIBLE, 1, 32, extension) + (SOUND.astype(np.int32) << 16).astype("<i4").tobytes()
    assert decoded(decoder("wav"), content)[0].tobytes() == SOUND.tobytes()


def test_loud_floats_are_clipped_and_do_not_wrap() -> None:
    content = head(FLOAT, 1, 32) + np.array([2, -2, 1, np.nan], "<f4").tobytes()
    assert decoded(decoder("wav"), content)[0].tolist() == [32767, -32768, 32767, 0]


def test_half_a_sample_at_the_end_is_none() -> None:
    assert decoded(decoder("pcm"), b"\x01\x00\x02", [1, 1])[0].tolist() == [1]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("auto", b"<html>we are sorry</html>" * 100),
        ("wav", b"<html>we are sorry</html>" * 100),
        ("mp3", b"<html>we are sorry</html>" * 100),
        ("aac", b'{"error": 1}'),
        ("mp3", bytes(range(256)) * 40),
        ("auto", b"fLaC" + bytes(100)),
        ("auto", b"OggS" + bytes(100)),
        ("wav", b"RIFF\0\0\0\0AVI "),
        ("wav", wav(SOUND, RATE)[:30]),
        ("wav", wav(SOUND, 1)),
        ("wav", head(PCM, 1, 8) + bytes(100)),
        ("wav", head(PCM, 100, 16) + bytes(100)),
        ("wav", b"RIFF\0\0\0\0WAVEdata\xff\xff\xff\xff\0\0"),
        ("wav", b"RIFF\0\0\0\0WAVE\xff\xfe\xfd\xfc\xff\xff\xff\xff\0\0"),
        ("auto", b"R"),
    ],
)
def test_what_is_no_sound_is_refused_in_plain_words(kind: str, content: bytes) -> None:
    with pytest.raises(ProviderError, match="the sound cannot be read"):
        decoded(decoder(kind), content, [7])


def test_a_tag_and_a_frame_of_notes_before_an_mp3_are_not_heard() -> None:
    content = CONTENTS["mp3"]
    assert content.startswith(b"ID3")
    pcm, _ = decoded(decoder("mp3"), content)
    loud = np.flatnonzero(np.abs(pcm.astype(int)) > 1_000)
    assert loud[0] / RATE < 0.06  # the encoder's own delay, and no frame of silence before it


def test_an_mp3_whose_end_is_missing_is_heard_up_to_there() -> None:
    content = CONTENTS["mp3"]
    whole, _ = decoded(decoder("mp3"), content)
    pcm, _ = decoded(decoder("mp3"), content[: len(content) * 2 // 3])
    assert 0.4 * len(whole) < len(pcm) < 0.8 * len(whole)


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(ValueError, match=r"'opus'.*pcm, wav"):
        decoder("opus")
