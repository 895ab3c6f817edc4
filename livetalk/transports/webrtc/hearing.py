"""Hearing: Opus packets become 16 kHz sound on a thread of their own."""

from __future__ import annotations

import logging
from queue import SimpleQueue

import av
import numpy as np

from livetalk.audio.resample import StreamResampler
from livetalk.protocols import VoiceSink
from livetalk.transports.webrtc.reorder import Reorder
from livetalk.types import SAMPLE_RATE, Int16Array
from livetalk.worker import Worker

logger = logging.getLogger(__name__)

QUEUED_PACKETS = 100
"""2 s of sound; what comes while so many wait is lost"""
OPUS_RATE = 48_000
"""Hz, at which libopus decodes"""
PACKET_SAMPLES = SAMPLE_RATE // 50
"""of a packet that never came before one did: 20 ms"""


class Hearing:
    """Decodes what one side says, hole for hole as long as what was lost, and hands it to a voice."""

    def __init__(self, voice: VoiceSink) -> None:
        self.dropped = 0
        """packets that came faster than they could be decoded, or were none"""
        self._voice = voice
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._reorder: Reorder[bytes] = Reorder()
        self._resampler = StreamResampler(OPUS_RATE, SAMPLE_RATE)
        self._codec = _decoder()
        self._samples = PACKET_SAMPLES
        self._begun = False
        self._worker = Worker("hearing", self._run)

    def start(self) -> None:
        """Begin to decode."""
        self._worker.start()

    def push(self, number: int, payload: bytes) -> None:
        """Take the RTP payload of a sequence number; on the loop's thread."""
        for packet in self._reorder.push(number, payload):
            if self._queue.qsize() < QUEUED_PACKETS:
                self._queue.put(packet or b"")
            else:
                self.dropped += 1

    def close(self) -> None:
        """End, the voice as well, and wait for the threads.

        Raises:
            StageError: one did not end in time.
        """
        self._queue.put(None)
        try:
            self._voice.close()
        finally:
            self._worker.wait()

    def _run(self) -> None:
        while (packet := self._queue.get()) is not None:
            try:
                self._voice.push(self._sound(packet))
            except av.FFmpegError as error:
                self.dropped += 1
                logger.debug("a packet of sound cannot be decoded: %s", error)
            except Exception:
                logger.exception("a live voice was not heard")

    def _sound(self, packet: bytes) -> Int16Array:
        if not packet:
            return np.zeros(self._samples, np.int16)
        frames = [
            np.asarray(frame.to_ndarray(), np.int16).reshape(-1)
            for frame in self._codec.decode(av.Packet(packet))
        ]
        if not frames:
            return np.zeros(0, np.int16)
        decoded = np.concatenate(frames)
        self._samples = len(decoded) * SAMPLE_RATE // OPUS_RATE
        sound = self._resampler.push(decoded)
        if self._begun:
            return sound
        self._begun = True  # what the filter holds back would keep each chunk waiting for the next packet
        return np.pad(sound, (self._samples - len(sound), 0))


def _decoder() -> av.AudioCodecContext:
    codec = av.AudioCodecContext.create("libopus", "r")
    codec.layout = "mono"
    codec.format = "s16"
    codec.sample_rate = OPUS_RATE
    return codec


__all__ = ["Hearing"]
