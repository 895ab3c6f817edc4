"""The server's HTTP routes, with the moment each request left."""

from __future__ import annotations

import ipaddress
import json
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bench.errors import BenchError

_TIMEOUT = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True, slots=True)
class Answer:
    """A session's answer to an offer."""

    sdp: str
    type: str
    session: str
    sent_s: float
    """when the offer left, time.monotonic()"""


class Api:
    """One server's routes, as LiveTalking's clients use them.

    Every call raises BenchError when the server refuses or cannot be reached.
    """

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url.rstrip("/")

    async def offer(self, sdp: str) -> Answer:
        """Ask for a session."""
        body, sent_s = await self._post("/offer", json={"sdp": sdp, "type": "offer"})
        if "sdp" not in body:
            raise BenchError(f"/offer was answered without sdp: {str(body)[:200]}")
        return Answer(body["sdp"], body["type"], str(body["sessionid"]), sent_s)

    async def open_session(self) -> str:
        """Open a session that nobody watches yet; its id."""
        return str((await self._post("/sessions", json={}))[0]["data"]["sessionid"])

    async def outputs(self, session: str) -> list[dict[str, Any]]:
        """What carries a session, and how each is."""
        try:
            async with self._http.get(f"{self._url}/outputs", params={"sessionid": session}) as response:
                return list((await response.json())["data"])
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise BenchError(f"GET /outputs failed: {error!r}") from error

    async def start_output(self, session: str, name: str) -> str:
        """Carry a session to an output as well; what stops it."""
        body, _ = await self._post("/outputs", json={"sessionid": session, "output": name})
        return str(body["data"]["id"])

    async def stop_output(self, session: str, output: str) -> None:
        """End an output."""
        await self._post("/outputs/stop", json={"sessionid": session, "id": output})

    async def whep(self, session: str, sdp: str) -> str:
        """Watch a session; the SDP answer."""
        return await self._offer_to("/whep", session, sdp)

    async def whip(self, session: str, sdp: str) -> str:
        """Speak live in a session; the SDP answer."""
        return await self._offer_to("/whip", session, sdp)

    async def metric(self, name: str) -> float:
        """One of the server's figures, that has no labels."""
        try:
            async with self._http.get(self._url + "/metrics") as response:
                lines = (await response.text()).splitlines()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise BenchError(f"GET /metrics failed: {error!r}") from error
        for line in lines:
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        raise BenchError(f"the server has no figure {name}")

    async def _offer_to(self, path: str, session: str, sdp: str) -> str:
        headers = {"Content-Type": "application/sdp"}
        url = f"{self._url}{path}/{session}"
        try:
            async with self._http.post(url, data=sdp, headers=headers) as response:
                said = await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise BenchError(f"POST {path} failed: {error!r}") from error
        if response.status != 201:
            raise BenchError(f"POST {path} was answered {response.status}: {said[:200]}")
        return said

    async def human(self, session: str, text: str) -> float:
        """Have a text spoken; returns when the request left."""
        fields = {"sessionid": session, "text": text, "type": "echo", "interrupt": False}
        return (await self._post("/human", json=fields))[1]

    async def chat(self, session: str, text: str) -> float:
        """Have a question answered; returns when the request left."""
        fields = {"sessionid": session, "text": text, "type": "chat"}
        return (await self._post("/human", json=fields))[1]

    async def humanaudio(self, session: str, clip: bytes) -> float:
        """Have a WAV file spoken; returns when the request left."""
        form = aiohttp.FormData()
        form.add_field("sessionid", session)
        form.add_field("file", clip, filename="clip.wav", content_type="audio/wav")
        return (await self._post("/humanaudio", data=form))[1]

    async def interrupt(self, session: str) -> float:
        """Stop the speech; returns when the request left."""
        return (await self._post("/interrupt_talk", json={"sessionid": session}))[1]

    async def avatar(self, session: str, avatar: str) -> float:
        """Show another avatar; returns when the request left."""
        return (await self._post("/avatar", json={"sessionid": session, "avatar": avatar}))[1]

    async def avatars(self) -> list[str]:
        """Those that the server has, the one that it begins with first."""
        try:
            async with self._http.get(self._url + "/config") as response:
                config = (await response.json())["data"]
                names = [str(each) for each in config["avatars"]]
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise BenchError(f"GET /config failed: {error!r}") from error
        return sorted(names, key=lambda name: name != config["avatar"])

    async def events(self, session: str) -> AsyncIterator[dict[str, Any]]:
        """A session's events as they come, each with its name as `event`."""
        name = ""
        try:
            async with self._http.get(
                self._url + "/sse", params={"sessionid": session}, timeout=aiohttp.ClientTimeout(total=None)
            ) as response:
                async for line in response.content:
                    field, _, value = line.decode().rstrip("\n").partition(": ")
                    if field == "event":
                        name = value
                    elif field == "data":
                        yield {"event": name, **json.loads(value)}
        except aiohttp.ClientError as error:
            raise BenchError(f"GET /sse failed: {error!r}") from error

    async def is_speaking(self, session: str) -> bool:
        """Whether the server says that it speaks."""
        return bool((await self._post("/is_speaking", json={"sessionid": session}))[0].get("data"))

    async def _post(self, path: str, **content: Any) -> tuple[Mapping[str, Any], float]:
        sent_s = time.monotonic()
        try:
            async with self._http.post(self._url + path, **content) as response:
                if response.status != 200:
                    said = (await response.text())[:200]
                    raise BenchError(f"POST {path} was answered {response.status}: {said}")
                body = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise BenchError(f"POST {path} failed: {error!r}") from error
        if not isinstance(body, dict) or body.get("code", 0) != 0:
            raise BenchError(f"POST {path} was refused: {str(body)[:200]}")
        return body, sent_s


@asynccontextmanager
async def open_api(url: str) -> AsyncIterator[Api]:
    """Connect to a server of this machine.

    Raises:
        BenchError: it is another machine's.
    """
    require_local(url)
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
        yield Api(http, url)


def require_local(url: str) -> None:
    """Refuse to load anybody else's machine.

    Raises:
        BenchError: the address is not one of this machine's.
    """
    host = urlsplit(url).hostname or ""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except socket.gaierror as error:
        raise BenchError(f"{host!r} cannot be resolved") from error
    for family, _, _, _, address in found:
        if not _is_own(family, str(address[0])):
            raise BenchError(f"{host} is not this machine; only a server of this machine is measured")


def _is_own(family: socket.AddressFamily, address: str) -> bool:
    if ipaddress.ip_address(address).is_loopback:
        return True
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
