"""Watchers: the WebRTC peers that watch sessions."""

from __future__ import annotations

from functools import partial

from livetalk.errors import NotFound, Unavailable
from livetalk.metrics import Metrics
from livetalk.server.attendance import Attendance
from livetalk.server.channels import Attendant
from livetalk.session import Session
from livetalk.transports.webrtc.connection import Ties
from livetalk.transports.webrtc.ice_servers import IceServers
from livetalk.transports.webrtc.peer import Peer, PeerOptions

RETRY_AFTER_S = 10


class Watchers:
    """Answers offers to watch a session, for as many as may."""

    def __init__(
        self,
        attendance: Attendance,
        options: PeerOptions,
        metrics: Metrics,
        max_viewers: int,
        text_limit: int,
    ) -> None:
        self._attendance = attendance
        self._options = options
        self._metrics = metrics
        self._max_viewers = max_viewers
        self._text_limit = text_limit
        self._peers: dict[tuple[str, str], Peer] = {}
        """by session and viewer"""

    async def watch(self, session: Session, sdp: str) -> tuple[str, str]:
        """Answer an offer to watch a session; returns the viewer's id and the SDP answer.

        Raises:
            NotFound: the session ended meanwhile.
            InvalidRequest: the offer cannot be answered.
            Unavailable: there are too many viewers, or no UDP port is free.
        """
        if len(self._peers) >= self._max_viewers:
            raise Unavailable("all places are taken; try again in a moment", retry_after_s=RETRY_AFTER_S)
        dropped = self._metrics.dropped_packets.inc
        ties = Ties(
            on_gone=lambda: leave(),
            on_connected=session.conversation.greet,
            on_channel=lambda channel: Attendant(channel, session, self._text_limit),
        )
        listen = session.conversation.hear if session.conversation.hears else None
        peer = Peer(session.broadcast, self._options, dropped, ties, listen=listen)
        viewer_id = self._attendance.attach(session.id, lambda: self._close(session.id, viewer_id))
        leave = partial(self._attendance.begin_to_detach, session.id, viewer_id)
        self._peers[session.id, viewer_id] = peer
        try:
            return viewer_id, await peer.answer(sdp)
        except BaseException:
            await self._attendance.withdraw(session.id, viewer_id)
            raise

    def peer(self, session_id: str, viewer_id: str) -> Peer:
        """Find a viewer.

        Raises:
            NotFound: there is no such session or viewer.
        """
        peer = self._peers.get((session_id, viewer_id))
        if peer is None:
            raise NotFound("no such viewer; it may have left already")
        return peer

    async def leave(self, session_id: str, viewer_id: str) -> None:
        """End one viewer; the session ends with its last.

        Raises:
            NotFound: there is no such viewer.
        """
        self.peer(session_id, viewer_id)
        await self._attendance.detach(session_id, viewer_id)

    async def _close(self, session_id: str, viewer_id: str) -> None:
        await self._peers.pop((session_id, viewer_id)).close()

    @property
    def ice_servers(self) -> IceServers:
        """The STUN and TURN servers that viewers may use."""
        return self._options.ice_servers


__all__ = ["Watchers"]
