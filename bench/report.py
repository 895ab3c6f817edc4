"""How results leave: JSON on stdout for programs, lines on stderr for people."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.errors import BenchError
from livetalk.errors import LivetalkError


@dataclass(frozen=True, slots=True)
class Failed:
    """A scenario without figures."""

    failed: str
    """why"""


def emit(results: dict[str, Any], url: str) -> None:
    """Print dataclasses of results, by scenario."""
    tree = {
        "url": url,
        "machine": {
            "cores": os.cpu_count(),
            "load_average": [round(value, 2) for value in os.getloadavg()],
            "python": platform.python_version(),
            "receiver_nice": os.getpriority(os.PRIO_PROCESS, 0),
        },
        "results": {name: _plain(result) for name, result in results.items()},
    }
    print(json.dumps(tree, indent=1))


def tell(name: str, result: Any) -> None:
    """Print one scenario's result as lines of a table."""
    print(f"== {name}", file=sys.stderr)
    for label, value in _lines(_plain(result), ""):
        print(f"{label:<52} {value}", file=sys.stderr)


def _plain(result: Any) -> Any:
    if isinstance(result, list):
        return [_plain(item) for item in result]
    return dataclasses.asdict(result) if dataclasses.is_dataclass(result) else result  # type: ignore[arg-type]


def _lines(value: Any, label: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and "median" in value:
        yield label, "  ".join(f"{name} {number}" for name, number in value.items())
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _lines(inner, f"{label}.{name}".lstrip("."))
    elif isinstance(value, list) and not label:
        for number, inner in enumerate(value):
            yield from _lines(inner, f"[{number}]")
    elif isinstance(value, list):
        yield label, f"{len(value)}, in the JSON"
    else:
        yield label, "not known" if value is None else str(value)


__all__ = ["Failed", "emit", "tell"]


def plainly(main: Callable[[], int]) -> int:
    """Run a tool; what it cannot do is told in a line."""
    try:
        return main()
    except (BenchError, LivetalkError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
