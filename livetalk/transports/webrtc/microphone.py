"""A microphone: the sound that a viewer sends back over the connection by which they watch."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any

from aiortc import RTCRtpReceiver, RTCRtpTransceiver

from livetalk.errors import RequestError
from livetalk.protocols import VoiceSink
from livetalk.transports.webrtc.hearing import Hearing
from livetalk.transports.webrtc.listener import PacketReceiver

logger = logging.getLogger(__name__)


class Microphone:
    """Costs nothing until its first packet comes: browsers offer one long before somebody switches it on."""

    def __init__(self, transceiver: RTCRtpTransceiver, listen: Callable[[], VoiceSink]) -> None:
        """Take what `transceiver`'s other side sends; `listen` gives who hears it, with the first packet."""
        self._transceiver = transceiver
        self._listen = listen
        self._hearing: Hearing | None = None
        self._closed = False
        capabilities = RTCRtpReceiver.getCapabilities("audio")
        assert capabilities is not None
        opus = [each for each in capabilities.codecs if each.mimeType.lower() == "audio/opus"]
        transceiver.setCodecPreferences(opus)
        PacketReceiver.adopt(transceiver.receiver, self._on_packet, lambda: None)

    async def close(self) -> None:
        """Hear no more.

        Raises:
            StageError: a thread did not end in time.
        """
        self._closed = True
        if self._hearing is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._hearing.close)

    def _on_packet(self, packet: Any) -> None:
        if self._closed or packet.payload_type != self._transceiver._codecs[0].payloadType:
            return
        if self._hearing is None:
            try:
                self._hearing = Hearing(self._listen())
            except RequestError as error:
                logger.warning("a microphone is not heard: %s", error)
                self._closed = True
                return
            self._hearing.start()
        self._hearing.push(packet.sequence_number, packet.payload)


def is_offered(sdp: str) -> bool:
    """Whether an offer's sound goes both ways."""
    section = re.search(r"^m=audio .*?(?=^m=|\Z)", sdp, re.MULTILINE | re.DOTALL)
    return (
        section is not None and re.search(r"^a=(sendrecv|sendonly)\s*$", section[0], re.MULTILINE) is not None
    )


__all__ = ["Microphone", "is_offered"]
