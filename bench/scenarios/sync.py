"""Lips against sound, as declared to the receiver and as they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench import clips
from bench.api import Api
from bench.decode import decode_luma, decode_sound, timeline
from bench.ear import Ear
from bench.errors import BenchError
from bench.mouth import find_mouth
from bench.packets import AUDIO_RATE, VIDEO_RATE, Stream, StreamLog, place
from bench.pictures import Picture, assemble
from bench.receiver import open_peer
from bench.sound import LOUD
from bench.sync import WINDOW_S, Clock, Offset, Signal, arrival_times, loudness, offset, read_clock

_REST_S = 4.0
"""of idle pictures before the speech, to tell the mouth from the body"""
_QUIET_S = 1.0
_TIMEOUT_S = 60.0
_STEP_S = 0.5
"""between windows"""
_LEAST_CORRELATION = 0.4
"""a window that fits worse says nothing"""
_LEAST_SPEECH = 0.3
"""of a window have to sound"""
SENTENCES = (
    "Bob bought a big blue boat. Papa may not pay for a map of Panama. "
    "How now, brown cow. Do you know what we ought to do about the barn? "
    "My mother bakes bread by the barn, and people come from far away for more of it. "
    "All along the harbour the happy painters watched the boats go by. "
    "We may walk home by the park, or wait for a while at the open market."
)
"""full of lips that close and jaws that fall"""


@dataclass(frozen=True, slots=True)
class Offsets:
    """Picture minus sound, in windows of four seconds; above 0 the picture is late."""

    median_ms: float
    worst_ms: float
    """furthest from 0, with its sign"""
    furthest_from_median_ms: float
    correlation: float
    """median over the windows"""
    windows: int
    windows_without_fit: int


@dataclass(frozen=True, slots=True)
class Talk:
    """A mouth and its sound, on one clock."""

    mouth: Signal
    sound: Signal


@dataclass(frozen=True, slots=True)
class Received:
    """What a receiver saw and heard."""

    declared: Talk | None
    """by RTP timestamps, laid on the sender's clock by its reports; None without reports"""
    arrived: Talk
    """by arrival of whole pictures and of audio packets"""
    mouth_box_px: tuple[int, int, int, int]
    """left, top, right, bottom"""
    audio_clock: Clock | None
    video_clock: Clock | None


@dataclass(frozen=True, slots=True)
class Sync:
    """What was measured."""

    declared: Offsets | None
    """by RTP timestamps, laid on the sender's clock by its reports"""
    arrived: Offsets | None
    """by arrival of whole pictures and of audio packets"""
    mouth_box_px: tuple[int, int, int, int]
    """left, top, right, bottom"""
    audio_clock_wander_ms: float | None
    """by how much single sender reports differ"""
    video_clock_wander_ms: float | None


async def sync(api: Api, clip: bytes, rounds: int, codec: str = "") -> Sync:
    """Have a clip spoken `rounds` times by one session and compare its mouth with its sound.

    Raises:
        BenchError: nothing in the picture moves with the speech.
    """
    return analyse(*await record(api, clip, rounds, codec))


async def record(api: Api, clip: bytes, rounds: int, codec: str = "") -> tuple[StreamLog, StreamLog]:
    """What a receiver gets of a clip: sound, and pictures."""
    async with open_peer(api, codec) as peer:
        ear = Ear(peer.audio.log)
        await asyncio.sleep(_REST_S)
        for _ in range(rounds):
            await ear.until_loud(await api.humanaudio(peer.session, clip), _TIMEOUT_S)
            await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
        await asyncio.sleep(1.0)
    return peer.audio.log, peer.video.log


def burst_clip(seconds: float) -> bytes:
    """Syllables whose loudness a mouth can follow."""
    return clips.syllables(seconds)


def speech_clip() -> bytes:
    """Half a minute of speech."""
    return clips.spoken(SENTENCES)


def analyse(audio_log: StreamLog, video_log: StreamLog) -> Sync:
    """Work out the offsets of a run.

    Raises:
        BenchError: nothing in the picture moves with the speech.
    """
    received = read_talk(audio_log, video_log)
    return Sync(
        summarise(received.declared) if received.declared else None,
        summarise(received.arrived),
        received.mouth_box_px,
        round(received.audio_clock.wander_ms, 2) if received.audio_clock else None,
        round(received.video_clock.wander_ms, 2) if received.video_clock else None,
    )


def read_talk(audio_log: StreamLog, video_log: StreamLog) -> Received:
    """Decode a run.

    Raises:
        BenchError: nothing in the picture moves with the speech.
    """
    audio, video = place(audio_log), place(video_log)
    pictures = assemble(video.packets)
    luma = decode_luma(pictures)
    seen = [pictures[index] for index in luma.indices]
    heard = loudness(timeline(decode_sound(audio.packets)))
    arrived_mouth, arrived_sound = _arrivals(seen, audio, heard)
    speaking = np.interp(arrived_mouth, arrived_sound, heard.values) > LOUD
    mouth = find_mouth(luma.blocks, arrived_mouth, speaking)
    if mouth is None:
        raise BenchError("nothing in the picture moves with the speech")
    audio_clock, video_clock = read_clock(audio.reports, AUDIO_RATE), read_clock(video.reports, VIDEO_RATE)
    declared = None
    if audio_clock and video_clock:
        picture_s = video_clock.time_s(np.array([picture.timestamp for picture in seen], np.float64))
        sound_s = audio_clock.time_s(np.array([audio.packets[0].timestamp], np.float64)) + heard.times_s
        declared = Talk(Signal(picture_s, mouth.openness), Signal(sound_s, heard.values))
    arrived = Talk(Signal(arrived_mouth, mouth.openness), Signal(arrived_sound, heard.values))
    return Received(declared, arrived, mouth.box_px, audio_clock, video_clock)


def _arrivals(
    seen: list[Picture], audio: Stream, heard: Signal
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """When pictures, and when the moments of the sound, arrived."""
    first = audio.packets[0].timestamp
    media_s = np.array([(item.timestamp - first) / AUDIO_RATE for item in audio.packets])
    packet_s = np.array([item.packet.arrived_s for item in audio.packets])
    picture_s = np.array([picture.arrived_s for picture in seen])
    return picture_s, arrival_times(heard.times_s, media_s, packet_s)


def summarise(talk: Talk) -> Offsets | None:
    """Offsets over the windows that hold enough speech; None when none fits."""
    found = [offset(talk.mouth, talk.sound, start_s) for start_s in speech_windows(talk)]
    return offsets(found)


def offsets(found: Sequence[Offset]) -> Offsets | None:
    """What windows say together; None when none fits."""
    fitting = [one for one in found if one.correlation >= _LEAST_CORRELATION]
    return _offsets(fitting, len(found)) if fitting else None


def _offsets(fitting: list[Offset], tried: int) -> Offsets:
    values = [one.picture_minus_sound_ms for one in fitting]
    median = float(np.median(values))
    low, high = min(values), max(values)
    return Offsets(
        median_ms=round(median, 1),
        worst_ms=round(high if high > -low else low, 1),
        furthest_from_median_ms=round(max(high - median, median - low), 1),
        correlation=round(float(np.median([one.correlation for one in fitting])), 3),
        windows=len(fitting),
        windows_without_fit=tried - len(fitting),
    )


def speech_windows(talk: Talk) -> list[float]:
    """Starts of windows, one each half second, where enough of the sound is loud and pictures are there."""
    mouth, sound = talk.mouth, talk.sound
    first = max(mouth.times_s[0], sound.times_s[0]) + 1
    last = min(mouth.times_s[-1], sound.times_s[-1]) - 1 - WINDOW_S
    starts = np.arange(first, last, _STEP_S)
    edges = np.searchsorted(sound.times_s, np.stack([starts, starts + WINDOW_S]))
    return [
        float(start)
        for start, begin, end in zip(starts, edges[0], edges[1], strict=True)
        if end > begin and (sound.values[begin:end] > LOUD).mean() >= _LEAST_SPEECH
    ]
