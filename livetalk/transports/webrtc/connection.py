"""Connection: one peer connection of a server's, from its description to the other side's leaving."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)

from livetalk.errors import InvalidRequest, Unavailable, Unprocessable
from livetalk.transports.webrtc.bounds import MOST_CANDIDATES
from livetalk.transports.webrtc.certificate import Certificate
from livetalk.transports.webrtc.channel import MOST_CHANNELS, Attendant, DataChannel
from livetalk.transports.webrtc.ice_servers import first_relay
from livetalk.transports.webrtc.patience import LEAST_S, Patience
from livetalk.transports.webrtc.trickle import Fragment, ice_ufrag
from livetalk.transports.webrtc.trouble import tell_missing_relay, why_not_connected

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 10


def _ignore() -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Ties:
    """What those who made a connection want to be told, on the loop."""

    on_gone: Callable[[], object]
    """it cannot go on; close it"""
    on_connected: Callable[[], object] = _ignore
    """also where it is connected again"""
    on_channel: Callable[[DataChannel], Attendant] | None = None
    """the other side opened a data channel: who attends to it; None leaves them unanswered"""


class Connection:
    """aiortc's, with what a server needs beside it: who never comes, or falls silent, is noticed."""

    def __init__(
        self,
        ice_servers: Sequence[RTCIceServer],
        limit_s: float,
        ties: Ties,
        bundle: RTCBundlePolicy = RTCBundlePolicy.BALANCED,
        patience: Patience | None = None,
    ) -> None:
        """Make one that is given up when it has not connected within `limit_s`, or its patience ends.

        `bundle` is how an offer of ours is laid out; an answer follows the other side's.
        """
        self._ice_servers = [*ice_servers]
        self.rtc = RTCPeerConnection(RTCConfiguration(self._ice_servers, bundlePolicy=bundle))
        Certificate.give(self.rtc)
        self.rtc.on("connectionstatechange", self._on_state)
        self.rtc.on("datachannel", self._on_channel)
        self._limit_s = limit_s
        self._ties = ties
        self._channels: list[DataChannel] = []
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._asking: asyncio.Task[None] | None = None
        self._patience = patience or Patience()
        self._connected = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._closed = False
        self._trickled = 0

    @property
    def connected(self) -> bool:
        """Whether it ever was."""
        return self._connected.is_set()

    def hear(self) -> None:
        """Note that the other side is there."""
        self._patience.hear(self._loop.time())

    async def describe(self, description: RTCSessionDescription) -> str:
        """Make a description ours; the SDP, with all candidates in it.

        Raises:
            Unavailable: no UDP port is free.
        """
        await self.rtc.setLocalDescription(description)
        sdp = str(self.rtc.localDescription.sdp)
        if "a=candidate:" not in sdp:
            raise Unavailable(
                "no UDP port is free for sound and picture; widen udp_ports", retry_after_s=RETRY_AFTER_S
            )
        return sdp

    def watch(self) -> None:
        """Both sides are described: from now on it has to connect, and to stay."""
        self._watch = self._loop.create_task(self._watch_other_side())
        relay = first_relay(self._ice_servers)
        if relay is not None and " typ relay" not in self.rtc.localDescription.sdp:
            self._asking = self._loop.create_task(tell_missing_relay(relay))

    async def trickle(self, fragment: Fragment) -> None:
        """Take candidates that came after the offer.

        Raises:
            Unprocessable: they are of another ICE session.
            InvalidRequest: there were too many.
        """
        if fragment.ufrag != ice_ufrag(self.rtc.remoteDescription.sdp):
            raise Unprocessable("a=ice-ufrag is not that of the offer; ICE restarts are not offered")
        self._trickled += len(fragment.candidates)
        if self._trickled > MOST_CANDIDATES:
            raise InvalidRequest(f"a connection takes {MOST_CANDIDATES} candidates at most")
        for candidate in fragment.candidates:
            await self.rtc.addIceCandidate(candidate)
        if fragment.ended:
            await self.rtc.addIceCandidate(None)

    async def close(self) -> None:
        """Leave."""
        self._closed = True
        for channel in self._channels:
            channel.end()
        for task in (self._watch, self._asking):
            if task is not None:
                task.cancel()
        await self.rtc.close()

    async def _on_state(self) -> None:
        state = self.rtc.connectionState
        logger.info("peer is %s", state)
        if state == "connected":
            self._patience.begin(self._loop.time())
            self._connected.set()
            self._ties.on_connected()
        if state in ("failed", "closed") and not self._closed:
            if not self.connected:
                self._tell_why()
            self._ties.on_gone()

    def _on_channel(self, channel: RTCDataChannel) -> None:
        self._channels = [each for each in self._channels if not each.ended]
        if self._ties.on_channel is None or self._closed or len(self._channels) >= MOST_CHANNELS:
            channel.close()
            return
        made = DataChannel(channel)
        self._channels.append(made)
        made.begin(self._ties.on_channel(made))

    async def _watch_other_side(self) -> None:
        try:
            await asyncio.wait_for(self._connected.wait(), self._limit_s)
        except TimeoutError:
            self._tell_why()
        else:
            while (left_s := self._patience.ends_at - self._loop.time()) > 0:
                await asyncio.sleep(min(left_s, LEAST_S))
            logger.info("a peer was not heard for %.1f s", self._patience.limit_s)
        self._ties.on_gone()

    def _tell_why(self) -> None:
        spent_s = self._loop.time() - self._began
        why = why_not_connected(self.rtc, first_relay(self._ice_servers) is not None)
        logger.warning("a peer did not connect within %.0f s: %s", spent_s, why)


__all__ = ["Connection", "Ties"]
