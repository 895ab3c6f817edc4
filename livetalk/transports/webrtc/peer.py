"""A peer: the other side of a connection that a session is sent over, from the offer to its leaving."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiortc import RTCBundlePolicy, RTCIceServer, RTCSessionDescription

from livetalk.errors import InvalidRequest, OutputError
from livetalk.protocols import MediaSource, VoiceSink
from livetalk.transports.webrtc.bounds import bounded
from livetalk.transports.webrtc.connection import Connection, Ties
from livetalk.transports.webrtc.ice import without_mdns
from livetalk.transports.webrtc.microphone import Microphone, is_offered
from livetalk.transports.webrtc.patience import Patience
from livetalk.transports.webrtc.sending import MIME_TYPES, PeerOptions, Sending
from livetalk.transports.webrtc.trickle import Fragment


class Peer:
    """Sends what a session plays to one other side, until either ends it.

    It answers an offer, of a browser that watches, or offers itself, to a server that takes it on.
    """

    def __init__(
        self,
        source: MediaSource,
        options: PeerOptions,
        on_dropped: Callable[[], object],
        ties: Ties,
        bundle: RTCBundlePolicy = RTCBundlePolicy.BALANCED,
        more_ice_servers: Sequence[RTCIceServer] = (),
        patience: Patience | None = None,
        listen: Callable[[], VoiceSink] | None = None,
    ) -> None:
        """Make one; `listen` gives who hears the other side's microphone, None where nobody does."""
        self._options = options
        self._listen = listen
        self._microphone: Microphone | None = None
        servers = [*options.ice_servers.for_server(), *more_ice_servers]
        self._connection = Connection(servers, options.connect_limit_s, ties, bundle, patience)
        self.sending = Sending(self._connection, source, options, on_dropped)

    @property
    def connected(self) -> bool:
        """Whether it ever was."""
        return self._connection.connected

    async def answer(self, sdp: str) -> str:
        """Answer an offer.

        Raises:
            InvalidRequest: it is not an offer that asks for sound or a picture we can send.
            Unavailable: no UDP port is free.
        """
        rtc = self._connection.rtc
        try:
            offer = RTCSessionDescription(without_mdns(bounded(sdp)), "offer")
            self.sending.add_tracks({kind for kind in ("audio", "video") if f"m={kind} " in sdp})
            self._take_microphone(offer.sdp)
            await rtc.setRemoteDescription(offer)
            if not rtc.getTransceivers():
                raise ValueError("it asks for neither sound nor pictures")
            answer = await rtc.createAnswer()
        except Exception as error:  # aiortc's parser raises whatever a broken offer causes
            raise InvalidRequest(
                "the offer cannot be answered: it must be an SDP offer that receives Opus audio or "
                f"{' or '.join(MIME_TYPES[codec] for codec in self._options.codecs)} ({error})"
            ) from error
        described = await self._connection.describe(answer)
        self._connection.watch()
        return described

    async def offer(self) -> str:
        """Offer sound and pictures, all that is needed to connect in it.

        Raises:
            Unavailable: no UDP port is free.
        """
        self.sending.add_tracks({"audio", "video"})
        return await self._connection.describe(await self._connection.rtc.createOffer())

    async def accept(self, sdp: str) -> None:
        """Take the answer to an offer.

        Raises:
            OutputError: it is not an answer to it.
        """
        try:
            answer = RTCSessionDescription(without_mdns(bounded(sdp)), "answer")
            await self._connection.rtc.setRemoteDescription(answer)
        except Exception as error:  # aiortc's parser raises whatever a broken answer causes
            raise OutputError(f"the answer cannot be read: {error}") from error
        self._connection.watch()

    async def trickle(self, fragment: Fragment) -> None:
        """Take candidates that came after the offer.

        Raises:
            Unprocessable: they are of another ICE session.
        """
        await self._connection.trickle(fragment)

    async def close(self) -> None:
        """Leave; whoever waits on the tracks is let go.

        Raises:
            StageError: the thread that hears the microphone did not end in time.
        """
        self.sending.close()
        await self._connection.close()
        if self._microphone is not None:
            await self._microphone.close()

    def _take_microphone(self, sdp: str) -> None:
        transceiver = self.sending.sound
        if self._listen is not None and transceiver is not None and is_offered(sdp):
            transceiver.direction = "sendrecv"
            self._microphone = Microphone(transceiver, self._listen)


__all__ = ["Peer", "PeerOptions"]
