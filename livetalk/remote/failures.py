"""What went wrong with a provider, in words that say what to check; keys are never among them."""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from livetalk.errors import ProviderError

LONGEST_MESSAGE = 200
"""characters of a server's own words"""
SAYING = ("message", "detail", "msg", "error")
"""where they stand; `error` may be no more than the status in words"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A provider, and the settings that lead to it."""

    name: str
    """as users know it: "the Azure voice" """
    url_setting: str = "tts_url"
    key_setting: str = "LIVETALK_TTS_KEY"
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """never shown"""

    def check_url(self, url: str) -> str:
        """What to do about an address that is not the right one."""
        return f"check {self.url_setting} ({where(url)})"

    def hide(self, text: str) -> str:
        """A text without the secrets."""
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, "***")
        return text


def where(url: str) -> str:
    """The host and port of an address."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    except ValueError:
        return "no address"
    host = parts.hostname or ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def unreachable(endpoint: Endpoint, url: str, error: Exception) -> ProviderError:
    """No answer could be had at all."""
    name, at, check = endpoint.name, where(url), f"check {endpoint.url_setting}"
    if isinstance(error, aiohttp.InvalidURL):
        return ProviderError(f"{name}: the address is none; {check}", retryable=False)
    if isinstance(error, (aiohttp.ClientConnectorDNSError, socket.gaierror)):
        return ProviderError(
            f"{name} cannot be reached: the name {at.rpartition(':')[0]} is not known here; {check}, and "
            "whether this machine is online",
            retryable=True,
        )
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        reason = getattr(error, "reason", "") or getattr(error, "verify_message", "") or str(error)
        return ProviderError(
            f"{name} at {at} makes no secure connection ({endpoint.hide(str(reason))[:LONGEST_MESSAGE]}); "
            f"{check}: http or https, and the server's certificate",
            retryable=True,
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        return ProviderError(
            f"{name} cannot be reached at {at} ({error.strerror or 'no connection'}); {check}, and whether "
            "the server runs",
            retryable=True,
        )
    return ProviderError(f"{name} at {at} closed the connection without an answer", retryable=True)


def refused(endpoint: Endpoint, url: str, status: int, text: str) -> ProviderError:
    """An answer came, and it is a refusal; `text` is the beginning of its body."""
    name = endpoint.name
    said = endpoint.hide(_message(text))
    told = f": {said[:LONGEST_MESSAGE]}" if said else ""
    if status in (401, 403):
        return ProviderError(
            f"{name} does not accept the key ({status}); check {endpoint.key_setting}{told}", retryable=False
        )
    if status == 404:
        return ProviderError(
            f"{name} has nothing there (404); {endpoint.check_url(url)}, the voice and the model{told}",
            retryable=False,
        )
    if status == 429:
        return ProviderError(
            f"{name} is asked too often, or its quota is used up (429){told}", retryable=True
        )
    if status >= 500:
        return ProviderError(f"{name} failed ({status}){told}", retryable=True)
    return ProviderError(f"{name} refused the request ({status}){told}", retryable=False)


def _message(text: str) -> str:
    """What a server says in an error's body: its words, where they can be found in JSON, else all of it."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if (words := _words(found)).strip():
        text = words
    if text.lstrip().startswith("<"):
        return ""  # a page for people
    return " ".join(text.split())


def _words(found: Any, depth: int = 3) -> str:
    """The words in an error's JSON: what says most first, and of a list of faults the first."""
    if isinstance(found, str):
        return found
    if isinstance(found, list) and found and depth:
        return _words(found[0], depth - 1)
    if not isinstance(found, dict) or not depth:
        return ""
    said = next((words for name in SAYING if (words := _words(found.get(name), depth - 1))), "")
    of = [str(part) for part in found.get("loc", [])] if isinstance(found.get("loc"), list) else []
    because = found.get("Exception")
    return ": ".join(part for part in (".".join(of), said, because) if isinstance(part, str) and part)


__all__ = ["Endpoint", "refused", "unreachable", "where"]
