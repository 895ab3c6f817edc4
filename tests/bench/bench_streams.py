"""Made-up packet logs, as a server would have sent them."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from bench.decode import Array
from bench.packets import AUDIO_RATE, VIDEO_RATE, Packet, SenderReport, StreamLog

WIDTH = HEIGHT = 160
MOUTH = (96, 112, 64, 96)
"""top, bottom, left, right, in pixels"""


def packet(sequence: int, timestamp: int, arrived_s: float = 0.0, marker: bool = True) -> Packet:
    """A VP8 packet of one picture (RFC 7741: a descriptor with S set, then the picture)."""
    return Packet(arrived_s, 7, sequence % 2**16, timestamp % 2**32, marker, b"\x10\x00picture", "VP8")


def sound_log(samples: Array, start_s: float, first_timestamp: int) -> StreamLog:
    """(n,) samples at 48 kHz as Opus packets of 20 ms that arrive when their first sample is due."""
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, AudioCodecContext)
    codec.format, codec.layout, codec.sample_rate = "s16", "stereo", AUDIO_RATE
    codec.bit_rate = 96_000
    log = StreamLog()
    for number in range(len(samples) // 960):
        part = (samples[number * 960 : number * 960 + 960] * 32767).astype(np.int16)
        frame = AudioFrame.from_ndarray(np.repeat(part, 2)[None], format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, number * 960, Fraction(1, AUDIO_RATE)
        for encoded in codec.encode(frame):
            place = len(log.packets)
            timestamp = (first_timestamp + place * 960) % 2**32
            arrived_s = start_s + place * 0.02
            log.packets.append(Packet(arrived_s, 3, place % 2**16, timestamp, False, bytes(encoded), "opus"))
    return log


def picture_log(openness: Array, start_s: float, first_timestamp: int) -> StreamLog:
    """VP8 pictures, 25 a second, of a swaying body with a mouth that is open by (n,) 0 to 1."""
    codec = av.CodecContext.create("libvpx", "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt, codec.bit_rate = WIDTH, HEIGHT, "yuv420p", 1_000_000
    codec.time_base, codec.framerate = Fraction(1, 25), Fraction(25, 1)
    codec.options = {"deadline": "realtime", "lag-in-frames": "0"}
    log = StreamLog()
    for number, opened in enumerate(openness):
        frame = VideoFrame.from_ndarray(_face(number, float(opened)), format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, 25)
        for encoded in codec.encode(frame):
            timestamp = (first_timestamp + number * VIDEO_RATE // 25) % 2**32
            arrived_s = start_s + number * 0.04
            log.packets.append(
                Packet(arrived_s, 7, number % 2**16, timestamp, True, b"\x10" + bytes(encoded), "VP8")
            )
    return log


def _face(number: int, opened: float) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    picture = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    sway = round(3 * np.sin(number / 25))
    picture[20 + sway : 60 + sway, 30:130] = 200
    top, bottom, left, right = MOUTH
    picture[top:bottom, left:right] = round(180 - 120 * opened)
    return picture


def report_each_second(log: StreamLog, rate: int, start_s: float, wall_s: float) -> None:
    """Add the sender reports of a clock whose first timestamp is due at `start_s`."""
    first = log.packets[0]
    last_s = log.packets[-1].arrived_s
    for second in range(1, int(last_s - start_s)):
        log.reports.append(
            SenderReport(
                start_s + second, first.ssrc, wall_s + second, (first.timestamp + second * rate) % 2**32
            )
        )
