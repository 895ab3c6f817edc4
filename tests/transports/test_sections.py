from __future__ import annotations

import pytest

from livetalk.transports.webrtc.sections import SoundOffer
from tests.transports.offers import BUNDLED_ONLY, OBS

SOUND = "m=audio 5000 UDP/TLS/RTP/SAVPF 111"
ANSWER = "\r\n".join(["v=0", "t=0 0", "a=group:BUNDLE sound", SOUND, "a=mid:sound", "a=ice-ufrag:own", ""])


def test_only_the_sound_of_an_offer_is_left() -> None:
    offer = SoundOffer(OBS.replace("{video}", "AV1"))
    assert offer.mid == "0"
    assert [line for line in offer.sdp.splitlines() if line.startswith(("m=", "a=group"))] == [
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    ]
    assert offer.sdp.count("a=ice-ufrag") == 1


def test_transport_is_borrowed_from_the_section_that_carries_it_for_all() -> None:
    lines = SoundOffer(BUNDLED_ONLY).sdp.splitlines()
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 63 111" in lines
    assert "a=bundle-only" not in lines
    for attribute in ("ice-ufrag", "ice-pwd", "fingerprint", "setup", "candidate", "end-of-candidates"):
        assert sum(line.startswith(f"a={attribute}") for line in lines) == 1, attribute


def test_an_answer_speaks_of_all_sections_in_their_order() -> None:
    lines = SoundOffer(BUNDLED_ONLY).complete(ANSWER).splitlines()
    assert [line for line in lines if line.startswith(("m=", "a=mid", "a=group"))] == [
        "a=group:BUNDLE video sound",
        "m=video 9 UDP/TLS/RTP/SAVPF 45 46",
        "a=mid:video",
        "m=audio 5000 UDP/TLS/RTP/SAVPF 111",
        "a=mid:sound",
        "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:data",
    ]
    assert lines.count("a=ice-ufrag:own") == 2


def test_pictures_that_are_not_bundled_with_the_sound_are_rejected() -> None:
    alone = BUNDLED_ONLY.replace("BUNDLE video sound data", "BUNDLE sound data")
    lines = SoundOffer(alone).complete(ANSWER).splitlines()
    assert "a=group:BUNDLE sound" in lines
    assert "m=video 0 UDP/TLS/RTP/SAVPF 45 46" in lines


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "nonsense",
        "v=0\r\nm=audio\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 opus/48000/2\r\n",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtpmap:0 PCMU/8000\r\n",
        "v=0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n" * 40,
    ],
)
def test_an_offer_without_sound_to_take_is_refused(sdp: str) -> None:
    with pytest.raises(ValueError, match=r"Opus|sections"):
        SoundOffer(sdp)
