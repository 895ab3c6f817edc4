"""The clock: a language model does not know what time it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from livetalk.errors import ToolError
from livetalk.protocols import Cancel


class Clock:
    """Tells date and time, here or elsewhere."""

    name = "current_time"
    description = "The date and the time now, here or in another time zone."
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "time_zone": {"type": "string", "description": "IANA name, as Europe/Berlin; none for here"}
        },
    }

    def __call__(self, arguments: Mapping[str, Any], cancel: Cancel) -> str:
        """Weekday, date, time and zone.

        Raises:
            ToolError: there is no such time zone.
        """
        zone = arguments.get("time_zone") or None
        try:
            there = datetime.now().astimezone() if zone is None else datetime.now(ZoneInfo(str(zone)))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ToolError(f"there is no time zone {zone!r}; name one as Europe/Berlin") from error
        return there.strftime("%A, %Y-%m-%d %H:%M %Z")


__all__ = ["Clock"]
