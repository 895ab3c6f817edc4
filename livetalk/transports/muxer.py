"""TickMuxer: ticks into one of FFmpeg's containers, pictures as they were encoded, sound as AAC."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.container import OutputContainer

from livetalk.protocols import Tick
from livetalk.transports.synthetic import NOTE
from livetalk.types import FPS, FRAME_SAMPLES, SAMPLE_RATE, SILENT_TICK, VIDEO_CLOCK, Int16Array

SOUND_RATE = 48_000
"""Hz; stream servers and players expect it, or 44100"""
LEAST_SOUND_BITRATE = 64_000
"""bit/s; below it FFmpeg's AAC is heard"""
SOUND_OPTIONS = {"aac_coder": "fast"}
"""of FFmpeg's AAC: half of the work of its usual search, and of speech no less is left at these rates"""


class TickMuxer:
    """Writes ticks of one size, from a key frame on; time is counted in ticks since the first.

    Of a tick that is left out the picture before stands still, and silence takes the place of its sound: so
    the two never drift apart.
    """

    def __init__(self, container: OutputContainer, size: tuple[int, int], audio_bitrate: int) -> None:
        """Write into a container of H264 and AAC, of pictures of `size` (width, height)."""
        container.metadata["comment"] = NOTE
        self._container = container
        self._pictures = container.add_mux_stream(
            "h264", rate=FPS, width=size[0], height=size[1], time_base=Fraction(1, VIDEO_CLOCK)
        )
        self._sound = container.add_stream("aac", rate=SOUND_RATE, layout="mono", options=SOUND_OPTIONS)
        self._sound.bit_rate = max(audio_bitrate, LEAST_SOUND_BITRATE)
        self._first: int | None = None
        self._heard = 0
        """ticks whose sound was written"""
        self.packets = 0
        """that were handed to the container"""
        self.payload = 0
        """bytes in them"""

    def write(self, tick: Tick) -> None:
        """Add a tick's picture and sound.

        Raises:
            OSError: what the container writes to took no more; FFmpegError, where that is FFmpeg's own.
        """
        assert tick.video is not None
        if self._first is None:
            self._first = tick.frame.tick
        at = tick.frame.tick - self._first
        packet = av.Packet(tick.video.payload)
        packet.stream = self._pictures
        packet.time_base = Fraction(1, VIDEO_CLOCK)
        packet.pts = packet.dts = at * (VIDEO_CLOCK // FPS)
        packet.duration = VIDEO_CLOCK // FPS
        packet.is_keyframe = tick.video.key
        self._mux(packet)
        while self._heard < at:
            self._hear(SILENT_TICK)
        self._hear(tick.frame.pcm)

    def close(self) -> None:
        """Write what the sound's encoder and the container hold back, and end.

        Raises:
            OSError: as for `write`.
        """
        try:
            if self._first is not None:
                for packet in self._sound.encode(None):
                    self._mux(packet)
        finally:
            self._container.close()

    def _hear(self, pcm: Int16Array) -> None:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm)[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts, frame.time_base = self._heard * FRAME_SAMPLES, Fraction(1, SAMPLE_RATE)
        self._heard += 1
        for packet in self._sound.encode(frame):  # the encoder's own filter resamples
            self._mux(packet)

    def _mux(self, packet: av.Packet[Any]) -> None:
        self.packets += 1
        self.payload += packet.size
        self._container.mux(packet)


__all__ = ["TickMuxer"]
