"""A WHIP publisher of GStreamer's webrtcbin. Run by Debian's own Python, which has its bindings.

Arguments: endpoint, and "video" where pictures are offered too. A line on stdin ends it.
"""

from __future__ import annotations

import sys
import threading
import urllib.request
from typing import Any
from urllib.parse import urljoin

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402

SOUND = (
    "audiotestsrc is-live=true wave=ticks freq=440 tick-interval=1500000000 sine-periods-per-tick=200 "
    "! audio/x-raw,rate=48000,channels=2 ! audioconvert ! opusenc ! rtpopuspay pt=100 "
    "! application/x-rtp,media=audio,encoding-name=OPUS,payload=100 ! bin. "
)
"""0.45 s of a tone, each 1.5 s"""
PICTURES = (
    "videotestsrc is-live=true ! video/x-raw,width=64,height=64,framerate=5/1 ! vp8enc deadline=1 "
    "! rtpvp8pay pt=96 ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! bin. "
)


def promised(bin: Any, signal: str, *arguments: Any) -> Any:
    """The promise of an action of the bin's, once it was kept."""
    promise = Gst.Promise.new()
    bin.emit(signal, *arguments, promise)
    promise.wait()
    return promise


def main() -> None:
    endpoint, *kinds = sys.argv[1:]
    Gst.init(None)
    pictures = PICTURES if "video" in kinds else ""
    pipeline = Gst.parse_launch(f"webrtcbin name=bin bundle-policy=max-bundle {pictures}{SOUND}")
    webrtc = pipeline.get_by_name("bin")
    negotiable, gathered = threading.Event(), threading.Event()
    webrtc.connect("on-negotiation-needed", lambda _bin: negotiable.set())
    webrtc.connect(
        "notify::ice-gathering-state",
        lambda each, _: (
            gathered.set()
            if each.props.ice_gathering_state == GstWebRTC.WebRTCICEGatheringState.COMPLETE
            else None
        ),
    )
    pipeline.set_state(Gst.State.PLAYING)
    negotiable.wait()
    for number in range(2 if pictures else 1):
        webrtc.emit(
            "get-transceiver", number
        ).props.direction = GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY
    offering = promised(webrtc, "create-offer", None)
    reply = offering.get_reply()
    offer = reply.get_value("offer")  # which lives as long as the reply does
    promised(webrtc, "set-local-description", offer)
    gathered.wait()

    body = webrtc.props.local_description.sdp.as_text().encode()
    headers = {"Content-Type": "application/sdp"}
    with urllib.request.urlopen(urllib.request.Request(endpoint, body, headers)) as response:
        print(response.status, flush=True)
        resource = urljoin(endpoint, response.headers["Location"])
        _, sdp = GstSdp.SDPMessage.new_from_text(response.read().decode())
    answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
    promised(webrtc, "set-remote-description", answer)

    sys.stdin.readline()
    with urllib.request.urlopen(urllib.request.Request(resource, method="DELETE")) as response:
        print(response.status, flush=True)
    pipeline.set_state(Gst.State.NULL)


main()
