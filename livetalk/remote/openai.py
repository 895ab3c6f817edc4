"""The `openai` package: a client with our limits, and its failures in plain words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from livetalk.errors import ProviderError, SettingsError
from livetalk.remote.proxies import is_here

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_CODE = re.compile(r"^Error code: \d+ - ")
"""what the package puts before a server's own words"""
OFFICIAL_URL = "https://api.openai.com/v1"
NO_KEY = "none"
"""what servers that need no key are sent: the package insists on one"""
LATER = (408, 409, 429)
"""answers below 500 after which the same request may work"""
NOT_FOUND = 404
"""a model that is not there, or an address that lacks /v1"""
SHOWN = 200
"""characters of a provider's own message that are told"""


def is_official(url: str) -> bool:
    """Whether an endpoint is OpenAI's own; "" is."""
    return not url or urlsplit(url).hostname == urlsplit(OFFICIAL_URL).hostname


def key_for(url: str, key: str) -> str:
    """The key for an endpoint: OPENAI_API_KEY is for OpenAI itself, no other server is sent it."""
    return key or (os.environ.get("OPENAI_API_KEY", "") if is_official(url) else "")


def keyed_client(name: str, url: str, key: str, settings: tuple[str, str]) -> AsyncOpenAI:
    """A client as `client` makes it, with the key that belongs there; `settings` are those of URL and key.

    Raises:
        SettingsError: the URL is none.
        ProviderError: the key is missing.
    """
    url_setting, key_setting = settings
    key = key_for(url, key)
    if is_official(url) and not key:
        raise ProviderError(
            f"{name} needs a key: set {key_setting}, or {url_setting} to a server that needs none",
            retryable=False,
        )
    return client(url, key, url_setting)


def client(url: str, key: str, setting: str) -> AsyncOpenAI:
    """A client of an OpenAI-compatible endpoint; it neither retries nor limits time, which callers do.

    Args:
        url: of the endpoint, "" for OpenAI's.
        key: "" for a server that needs none.
        setting: the one that the URL comes from.

    Raises:
        SettingsError: the URL is none.
    """
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
        raise SettingsError(f"{setting}: it looks like http://127.0.0.1:11434/v1, not {url!r}")
    by = DefaultAsyncHttpxClient(trust_env=not is_here(url))  # which takes the system's proxy otherwise
    return AsyncOpenAI(
        base_url=url or OFFICIAL_URL, api_key=key or NO_KEY, max_retries=0, timeout=None, http_client=by
    )


@contextmanager
def explained(name: str, url_setting: str, key_setting: str, asked: AsyncOpenAI) -> Iterator[None]:
    """Turn what the package raises into a ProviderError that says what to do.

    Raises:
        ProviderError: instead of any error of the package.
    """
    import httpx2
    import openai

    who = f"{name} at {urlsplit(str(asked.base_url)).netloc}"
    try:
        yield
    except openai.APIConnectionError as error:
        why = error.__cause__ or error
        raise ProviderError(
            f"{who} cannot be reached ({why}); check {url_setting}, and whether the server runs",
            retryable=True,
        ) from error
    except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
        raise ProviderError(f"{who} refuses the key; check {key_setting}", retryable=False) from error
    except openai.APIStatusError as error:
        code = error.status_code
        later = code >= 500 or code in LATER
        todo = f"; check {url_setting} and the model" if code == NOT_FOUND else ""
        raise ProviderError(
            f"{who} answered {code}: {_said(error, asked.api_key)}{todo}", retryable=later
        ) from error
    except httpx2.TransportError as error:  # in mid-stream, where the package leaves it as it is
        raise ProviderError(f"{who} broke off its answer", retryable=True) from error
    except (openai.OpenAIError, ValueError) as error:
        raise ProviderError(f"{who} failed: {_said(error, asked.api_key)}", retryable=False) from error


def _said(error: Exception, key: str) -> str:
    message = _CODE.sub("", getattr(error, "message", "") or str(error))
    message = message if key == NO_KEY else message.replace(key, "***")
    return message if len(message) <= SHOWN else message[:SHOWN] + "…"


__all__ = ["client", "explained"]
