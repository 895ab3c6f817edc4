"""Why a peer did not connect: which step of WebRTC did not come about, and what to look at."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from aiortc import RTCIceServer, RTCPeerConnection
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceCandidate

from livetalk.transports.webrtc.ice import GATHER_LIMIT_S
from livetalk.transports.webrtc.probe import IceServerFault, ask

logger = logging.getLogger(__name__)

SHOWN = 4
"""addresses that a line of the log names"""
LET_THROUGH = "let UDP through between them (udp_ports keeps it to few ports)"


def why_not_connected(connection: RTCPeerConnection, has_relay: bool) -> str:
    """The step at which a connection stands, and what to check; to be asked before it is closed.

    `has_relay`: a TURN server is set.
    """
    transport = _transport(connection)
    if transport is None:
        return "its offer was not answered"
    ice = transport.transport
    if ice.state == "completed":
        return (
            "packets come through, but the encryption (DTLS) was not agreed; something on the way changes or "
            "drops packets, or the viewer's offer names another certificate than it has"
        )
    ours = ice.iceGatherer.getLocalCandidates()
    theirs = ice.getRemoteCandidates()
    advice = f"{LET_THROUGH}, or {_relay_advice(ours, has_relay)}"
    if not theirs:
        return f"it named no address that we can use, and no packet of it arrived at {_shown(ours)}; {advice}"
    return f"no packet passed between {_shown(ours)} here and {_shown(theirs)} there; {advice}"


async def tell_missing_relay(server: RTCIceServer) -> None:
    """Log why a TURN server gave a connection no address: it is asked again, with the same credentials."""
    try:
        answer = await ask(server)
    except IceServerFault as fault:
        logger.warning("no relay for a viewer from %s: %s", server.urls, fault)
    else:
        logger.warning(
            "no relay for a viewer from %s: it works, in %.1f s, but an answer waits %g s for it",
            *(server.urls, answer.took_s, GATHER_LIMIT_S),
        )


def _transport(connection: RTCPeerConnection) -> RTCDtlsTransport | None:
    """The one that all media are bundled on."""
    transports = [each.sender.transport for each in connection.getTransceivers()]
    return transports[0] if transports else None


def _relay_advice(ours: Iterable[RTCIceCandidate], has_relay: bool) -> str:
    if any(each.type == "relay" for each in ours):
        return "let the TURN server reach the viewer's addresses"
    if has_relay:
        return "get the TURN server of ice_servers to relay: it gave us no address"
    return "name a TURN server in ice_servers"


def _shown(candidates: Sequence[RTCIceCandidate]) -> str:
    named = [
        f"{each.ip} port {each.port}" + (f" ({each.type})" if each.type != "host" else "")
        for each in candidates
    ]
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return ", ".join(named[:SHOWN]) + more


__all__ = ["tell_missing_relay", "why_not_connected"]
