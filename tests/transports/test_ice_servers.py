from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from livetalk.errors import SettingsError
from livetalk.transports.webrtc.ice_servers import IceServers, ice_server

NOON = 1_700_000_000.0


def test_servers_are_read_with_and_without_credentials() -> None:
    assert IceServers(["stun:192.0.2.1:3478"]).for_browser() == [{"urls": "stun:192.0.2.1:3478"}]
    turn = ice_server("turn:ann:s3cret@turn.example:3478?transport=tcp")
    assert (turn.urls, turn.username, turn.credential) == (
        "turn:turn.example:3478?transport=tcp",
        "ann",
        "s3cret",
    )
    assert ice_server("turns:ann:p@ss:w@rd@turn.example").credential == "p@ss:w@rd"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://turn.example", "it is no stun:HOST:PORT"),
        ("turn.example:3478", "it is no stun:HOST:PORT"),
        ("stun:", "it is no stun:HOST:PORT"),
        ("turn:ann:s3cret@turn.example:3478?transport=sctp", "it is no stun:HOST:PORT"),
        ("turn:ann:s3cret@turn.example:70000", "a port is 1 to 65535"),
        ("turn:ann:s3cret@[::1]:3478", "an IPv6 address cannot be used; give its name"),
        ("turns:ann:s3cret@turn.example?transport=udp", "turns: goes over TCP"),
        ("stun:ann:s3cret@turn.example", "a STUN server takes neither credentials"),
        ("stun:turn.example?transport=udp", "a STUN server takes neither credentials"),
        ("turn:turn.example", "LIVETALK_TURN_SECRET"),
    ],
)
def test_a_form_that_browsers_or_we_would_choke_on_is_named_without_its_secret(
    url: str, problem: str
) -> None:
    with pytest.raises(SettingsError, match="ice_servers") as refused:
        IceServers([url])
    assert problem in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_credentials_of_a_shared_secret_are_fresh_each_time_and_end_after_their_lifetime() -> None:
    now = [NOON]
    servers = IceServers(["turn:turn.example"], "shared", 3600, clock=lambda: now[0])
    (first,) = servers.for_browser()
    assert first["username"] == "1700003600"
    proof = hmac.new(b"shared", b"1700003600", hashlib.sha1).digest()
    assert first["credential"] == base64.b64encode(proof).decode()
    now[0] += 10
    (second,) = servers.for_server()
    assert second.username == "1700003610"
    assert second.credential != first["credential"]


def test_credentials_that_stand_in_the_url_are_not_replaced() -> None:
    servers = IceServers(["turn:ann:own@one.example", "turn:two.example", "stun:three.example"], "shared")
    one, two, three = servers.for_browser()
    assert one == {"urls": "turn:one.example", "username": "ann", "credential": "own"}
    assert two["username"].isdigit()
    assert three == {"urls": "stun:three.example"}
    assert servers.need_secret
    assert not IceServers(["turn:ann:own@one.example"], "shared").need_secret


def test_link_headers_have_the_form_that_whep_asks_for() -> None:
    urls = ["stun:stun.example.net", r'turns:an"n:s\3@turn.example.net:443?transport=tcp']
    assert IceServers(urls).link_headers() == [
        '<stun:stun.example.net>; rel="ice-server"',
        '<turns:turn.example.net:443?transport=tcp>; rel="ice-server"; '
        r'username="an\"n"; credential="s\\3"; credential-type="password"',
    ]


def test_what_outputs_are_given_reads_the_same_again() -> None:
    servers = IceServers(
        ["stun:one.example", "turn:two.example:3478?transport=tcp"], "shared", clock=lambda: NOON
    )
    assert IceServers(servers.for_output()).for_browser() == servers.for_browser()
