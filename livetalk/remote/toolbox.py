"""The toolbox: tools as a model asks for them, by name and with its arguments as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence

from livetalk.errors import SettingsError, ToolError
from livetalk.protocols import Cancel, Tool

logger = logging.getLogger(__name__)

ROUNDS = 4
"""of tool calls in one reply; then the model has to answer without"""


class Toolbox:
    """Uses tools; what goes wrong is told to the model, which can do something about it."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        """Make one.

        Raises:
            SettingsError: two tools have one name.
        """
        self._tools = {tool.name: tool for tool in tools}
        if len(self._tools) < len(tools):
            raise SettingsError("two tools have one name")

    def __len__(self) -> int:
        return len(self._tools)

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def use(self, name: str, arguments: str, cancel: Cancel) -> str:
        """What a tool gives, or after "error:" why it does not."""
        try:
            return self._result(name, arguments, cancel)
        except ToolError as error:
            return f"error: {error}"
        except Exception:
            logger.exception("the tool %s failed", name)
            return "error: the tool failed"

    def _result(self, name: str, arguments: str, cancel: Cancel) -> str:
        tool = self._tools.get(name)
        if tool is None:
            raise ToolError(f"there is no tool {name}")
        try:
            given = json.loads(arguments or "{}")
        except ValueError as error:
            raise ToolError(f"the arguments are not JSON: {error}") from error
        if not isinstance(given, dict):
            raise ToolError("the arguments are no JSON object")
        return tool(given, cancel)


__all__ = ["ROUNDS", "Toolbox"]
