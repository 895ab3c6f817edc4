"""A session as its outputs see it, which remembers what they asked."""

from __future__ import annotations

from livetalk.protocols import Reader


class Source:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.readers: list[Reader] = []
        self.refreshed = 0

    def add(self, reader: Reader) -> None:
        """Keep it."""
        self.readers.append(reader)

    def remove(self, reader: Reader) -> None:
        """Forget it."""
        self.readers.remove(reader)

    def refresh(self, reader: Reader) -> None:
        """Count."""
        self.refreshed += 1
