"""A virtual camera, and a sound device beside it: the avatar in OBS, Zoom, Meet, Teams."""

from __future__ import annotations

from livetalk.devices.cameras import Camera, open_camera, prove_camera
from livetalk.devices.portaudio import prove_sound
from livetalk.errors import OutputError
from livetalk.pictures import fitted
from livetalk.protocols import MediaSource, OutputOptions
from livetalk.transports.local.show import Screen, Show
from livetalk.transports.local.speaker import Speaker
from livetalk.transports.local.target import parse
from livetalk.types import Picture


class CameraOutput(Show):
    """`camera`, `camera:NAME?sound=NAME&size=1280x720`; the pictures go without a conversion of colours.

    Without `sound` it is silent: the default device is where the user listens, and nobody else.
    """

    def __init__(self, target: str, options: OutputOptions) -> None:
        wanted = parse(target, "sound", "size")
        self._name = wanted.name
        self._sound = wanted.sound
        self._size = wanted.size or options.video.size
        self._video = options.video
        super().__init__(self._open, Speaker(wanted.sound) if wanted.sound else None)

    def start(self, source: MediaSource) -> None:
        """Begin.

        Raises:
            OutputError: there is no such camera or sound device; says what to install.
        """
        prove_camera(self._name)
        if self._sound:
            prove_sound(self._sound)
        super().start(source)

    def _open(self, picture: Picture) -> Screen:
        """A camera keeps its size: programs that watch it cannot follow another."""
        self._size = self._size or self._video.size_of(picture)
        return CameraScreen(open_camera(self._name, self._size), self._size)


class CameraScreen:
    """A camera that is open."""

    def __init__(self, camera: Camera, size: tuple[int, int]) -> None:
        self._camera = camera
        self._size = size

    def show(self, picture: Picture) -> bool:
        """Show it now.

        Raises:
            OutputError: the camera is lost.
        """
        try:
            self._camera.send(fitted(picture, self._size))
        except (RuntimeError, OSError) as error:
            raise OutputError(f"the virtual camera was lost ({error})") from error
        return True

    def close(self) -> None:
        """Let go of it.

        Raises:
            OutputError: its driver does not.
        """
        try:
            self._camera.close()
        except (RuntimeError, OSError) as error:
            raise OutputError(f"the virtual camera cannot be closed ({error})") from error

    def interrupt(self) -> None:
        """A driver that does not return cannot be made to."""


__all__ = ["CameraOutput"]
