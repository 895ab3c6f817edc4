"""Certificate: ours is of an elliptic curve; the other side's may be RSA too."""

from __future__ import annotations

from typing import Any

from aiortc import RTCPeerConnection
from aiortc.rtcdtlstransport import RTCCertificate

CIPHERS = b":".join(
    b"ECDHE-%b-%b" % (key, cipher)
    for cipher in (b"AES128-GCM-SHA256", b"CHACHA20-POLY1305", b"AES128-SHA", b"AES256-SHA")
    for key in (b"ECDSA", b"RSA")
)
"""aiortc's own list lacks those for RSA keys, which GStreamer's webrtcbin has"""


class Certificate(RTCCertificate):
    """A certificate that both kinds of keys can be met with."""

    def _create_ssl_context(self, srtp_profiles: Any) -> Any:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(CIPHERS)
        return context

    @classmethod
    def give(cls, connection: RTCPeerConnection) -> None:
        """Have a connection use one of ours, before it has transceivers; it offers no place to hand it in."""
        connection._RTCPeerConnection__certificates = [cls.generateCertificate()]  # type: ignore[attr-defined]


__all__ = ["Certificate"]
