"""A request as settings write it: texts with {text}, {voice} and others in them, filled in value by value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from livetalk.errors import SettingsError

NAMES = ("text", "voice", "language", "model", "key")
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """What is sent for a sentence; texts are filled in inside of values, so that none can break its frame."""

    url: str
    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    json: Any
    """None for none"""
    form: Mapping[str, str]

    def names(self) -> set[str]:
        """The placeholders that it has.

        Raises:
            SettingsError: one is unknown; the message says where.
        """
        found: set[str] = set()
        for where, text in self._texts():
            for name in _PLACE.findall(text):
                if name not in NAMES:
                    known = ", ".join(f"{{{each}}}" for each in NAMES)
                    raise SettingsError(f"{where}: there is no {{{name}}} to fill in; there are: {known}")
                found.add(name)
        return found

    def filled(self, values: Mapping[str, str]) -> Template:
        """The request for these values; in the address they are quoted."""
        quoted = {name: quote(value, safe="") for name, value in values.items()}
        return Template(
            _filled(self.url, quoted),
            self.method,
            _filled(self.headers, values),
            _filled(self.query, values),
            _filled(self.json, values),
            _filled(self.form, values),
        )

    def _texts(self) -> Iterator[tuple[str, str]]:
        """Each text that can hold placeholders, and where it stands."""
        yield "tts_url", self.url
        for name in ("headers", "query", "json", "form"):
            yield from _walk(f"tts_options: {name}", getattr(self, name))


def read_template(url: str, extra: Mapping[str, Any]) -> Template:
    """The template in a voice's options.

    Raises:
        SettingsError: it is malformed; the message says where.
    """
    flat = {name: _flat(name, extra.get(name, {})) for name in ("headers", "query", "form")}
    bodies = [name for name in ("json", "form") if name in extra]
    if len(bodies) == 2:
        raise SettingsError("tts_options: a request has json or form, not both")
    method = extra.get("method", "POST" if bodies else "GET").upper()
    if method not in ("GET", "POST", "PUT"):
        raise SettingsError(f"tts_options: method is GET, POST or PUT, not {method!r}")
    if method == "GET" and bodies:
        raise SettingsError(f"tts_options: a GET has no {bodies[0]}; use query, or method POST")
    made = Template(url, method, flat["headers"], flat["query"], extra.get("json"), flat["form"])
    if "text" not in made.names():
        raise SettingsError(
            'tts_options: the text is nowhere; write {text} where it belongs, as "json": {"input": "{text}"}'
        )
    return made


def _flat(name: str, value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise SettingsError(f"tts_options: {name} is an object, not {value!r}")
    for key, each in value.items():
        if not isinstance(each, (str, int, float)):
            raise SettingsError(f"tts_options: {name}.{key} is a text or a number, not {each!r}")
    return {
        str(key): str(each).lower() if isinstance(each, bool) else str(each) for key, each in value.items()
    }


def _walk(where: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _walk(f"{where}.{name}", each)
    elif isinstance(value, (list, tuple)):
        for place, each in enumerate(value):
            yield from _walk(f"{where}.{place}", each)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """A value of the same shape; what was filled in is not looked through again."""
    if isinstance(value, str):
        return _PLACE.sub(lambda place: values[place[1]], value)
    if isinstance(value, Mapping):
        return {name: _filled(each, values) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(each, values) for each in value]
    return value


__all__ = ["NAMES", "Template", "read_template"]
