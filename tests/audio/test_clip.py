import io
import logging
import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from livetalk.audio.clip import decode_clip, probe_clip
from livetalk.errors import TooLarge, UnsupportedMedia
from livetalk.types import SAMPLE_RATE, Int16Array

SECONDS = 2.0
FORMATS = {
    "wav": ("wav", "pcm_s16le", 44_100, "stereo"),
    "24 bit wav": ("wav", "pcm_s24le", 48_000, "mono"),
    "flac": ("flac", "flac", 48_000, "stereo"),
    "ogg": ("ogg", "libopus", 48_000, "mono"),
    "mp3": ("mp3", "libmp3lame", 22_050, "stereo"),
    "m4a": ("ipod", "aac", 44_100, "stereo"),
    "5.1 mov": ("mov", "aac", 48_000, "5.1"),
    "webm": ("webm", "libopus", 48_000, "stereo"),
}


def tone(rate: int, seconds: float = SECONDS) -> Int16Array:
    return (8_000 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)).astype(np.int16)


def encoded(container_format: str, codec: str, rate: int, layout: str) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, av.AudioStream)
        channels = av.AudioLayout(layout).nb_channels
        resampler = av.AudioResampler(
            stream.codec_context.format, layout, rate, stream.codec_context.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(np.repeat(tone(rate), channels)[np.newaxis], "s16", layout)
        frame.sample_rate = rate
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()


def wav(rate: int, channels: int = 1, declared: int | None = None) -> bytes:
    body = np.random.default_rng(2).bytes(4 * 4800 * channels)
    block = 2 * channels
    head = struct.pack("<HHIIHH", 1, channels, rate, rate * block & 0xFFFFFFFF, block, 16)
    size = len(body) if declared is None else declared
    return b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0" + head + b"data" + struct.pack("<I", size) + body


def mute_video() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(5):
            picture = av.VideoFrame.from_ndarray(np.zeros((96, 64), np.uint8), format="yuv420p")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return file.getvalue()


def decoded(content: bytes, limit_s: float = 60) -> Int16Array:
    return np.concatenate(list(decode_clip(content, limit_s)))


@pytest.mark.parametrize("name", FORMATS)
def test_common_formats_are_recognised_and_decoded_to_mono_16_khz(name: str) -> None:
    content = encoded(*FORMATS[name])
    assert probe_clip(content, 60) == pytest.approx(SECONDS, abs=0.15)
    pcm = decoded(content)
    assert pcm.dtype == np.int16
    assert len(pcm) / SAMPLE_RATE == pytest.approx(SECONDS, abs=0.15)
    middle = pcm[8000:24000]
    assert np.abs(np.fft.rfft(middle)).argmax() == 440
    assert np.sqrt(np.mean(middle.astype(float) ** 2)) > 3_000


def test_ogg_vorbis_is_decoded() -> None:
    file = io.BytesIO()
    soundfile.write(file, tone(44_100), 44_100, format="OGG", subtype="VORBIS")
    assert len(decoded(file.getvalue())) == pytest.approx(SECONDS * SAMPLE_RATE, abs=100)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello world" * 100,
        bytes(10_000),
        np.random.default_rng(0).bytes(20_000),
        wav(16_000)[:40],
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>',
        mute_video(),
        wav(1),
        wav(2**31 - 1),
        wav(48_000, channels=64),
    ],
)
def test_what_is_no_sound_or_would_hurt_is_refused(content: bytes) -> None:
    with pytest.raises(UnsupportedMedia):
        probe_clip(content, 1e9)
    with pytest.raises(UnsupportedMedia):
        next(decode_clip(content, 1e9))


def test_a_playlist_of_real_files_is_refused_too(tmp_path: Path) -> None:
    sound = tmp_path / "a.wav"
    soundfile.write(sound, tone(16_000), 16_000)
    for playlist in (f"ffconcat version 1.0\nfile {sound}\n", f"#EXTM3U\n#EXTINF:2,\nfile://{sound}\n"):
        with pytest.raises(UnsupportedMedia):
            probe_clip(playlist.encode(), 60)


def test_a_clip_that_declares_more_than_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge, match="at most 1 s"):
        probe_clip(encoded(*FORMATS["wav"]), 1.0)


def test_decoding_stops_at_the_limit() -> None:
    assert len(decoded(encoded(*FORMATS["mp3"]), 0.5)) == SAMPLE_RATE // 2


def test_a_length_that_the_header_does_not_know_counts_as_zero() -> None:
    raw = io.BytesIO()
    with av.open(raw, "w", format="webm", options={"live": "1"}) as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.int16), "s16", "mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert probe_clip(raw.getvalue(), 0.001) == 0.0


def test_a_damaged_tail_ends_the_sound_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    whole = encoded(*FORMATS["flac"])
    damaged = whole[: len(whole) // 2] + np.random.default_rng(0).bytes(40_000)
    with caplog.at_level(logging.WARNING):
        seconds = len(decoded(damaged)) / SAMPLE_RATE
    assert 0.5 < seconds < 1.5
    assert "damaged" in caplog.text


def test_a_file_that_changes_its_rate_on_the_way_plays_on() -> None:
    parts = [encoded("adts", "aac", rate, layout) for rate, layout in ((44_100, "stereo"), (22_050, "mono"))]
    assert len(decoded(parts[0] + parts[1])) == pytest.approx(2 * SECONDS * SAMPLE_RATE, rel=0.05)


def test_the_first_piece_comes_before_the_rest_is_decoded() -> None:
    pieces = decode_clip(encoded(*FORMATS["wav"]), 60)
    assert 0 < len(next(pieces)) < SAMPLE_RATE / 4
    pieces.close()  # type: ignore[attr-defined]
