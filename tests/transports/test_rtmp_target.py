"""URLs to push to."""

from __future__ import annotations

import pytest

from livetalk.errors import OutputError
from livetalk.registry import make_output
from livetalk.transports.rtmp.output import RtmpOutput
from livetalk.transports.rtmp.target import parse_target
from tests.transports.flashes import OPTIONS


@pytest.mark.parametrize(
    ("target", "wrong"),
    [
        ("rtmp:///live/secret", "lacks its host"),
        ("rtmp://host", "lacks its application or its stream key"),
        ("rtmp://host/secret", "lacks its application or its stream key"),
        ("rtmp://host:port/live/secret", "bad host or port"),
        ("rtmp://user:secret@host/live/key", "has no user before its host"),
        ("rtmp:host/live/secret", "lacks its host"),
    ],
)
def test_a_bad_target_is_refused_and_not_repeated(target: str, wrong: str) -> None:
    with pytest.raises(OutputError, match=wrong) as refused:
        make_output(target, OPTIONS)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "app", "key"),
    [
        ("rtmp://host/live/secret?a=b", "live", "secret?a=b"),
        ("rtmp://host/app/_definst_/secret", "app/_definst_", "secret"),
        ("rtmp://host/mystream/?user=me", "mystream", "?user=me"),
    ],
)
def test_a_key_is_what_follows_the_last_slash(url: str, app: str, key: str) -> None:
    target = parse_target(url)
    assert (target.app, target.key) == (app, key)
    assert target.plain("it says nothing") == "it says nothing"


def test_a_target_s_last_part_is_its_key() -> None:
    made = make_output("RTMPS://[::1]/app/instance/key?a=b", OPTIONS)
    assert isinstance(made, RtmpOutput)
    target = made._target
    assert (target.host, target.port, target.app, target.key) == ("::1", 443, "app/instance", "key?a=b")
    assert target.address == "rtmps://[::1]/app/instance"
