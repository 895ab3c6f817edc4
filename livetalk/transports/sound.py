"""A sound device alone: the voice of a session in a call, or in the room."""

from __future__ import annotations

from livetalk.devices.portaudio import prove_sound
from livetalk.protocols import MediaSource, OutputOptions
from livetalk.transports.local.show import Show
from livetalk.transports.local.speaker import Speaker
from livetalk.transports.local.target import parse


class SoundOutput(Show):
    """`sound:NAME`, or `sound` for the default device."""

    def __init__(self, target: str, options: OutputOptions) -> None:
        wanted = parse(target)
        self._device = wanted.name
        super().__init__(None, Speaker(wanted.name))

    def start(self, source: MediaSource) -> None:
        """Begin.

        Raises:
            OutputError: there is no such device; says what to install.
        """
        prove_sound(self._device)
        super().start(source)


__all__ = ["SoundOutput"]
