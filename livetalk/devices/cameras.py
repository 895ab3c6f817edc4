"""Virtual cameras: devices that other programs see as a camera, and that we feed."""

from __future__ import annotations

import importlib
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from livetalk.devices import advice
from livetalk.errors import OutputError
from livetalk.types import FPS, Picture

LINUX = Path("/sys/class/video4linux")
"""where Linux keeps a folder for each camera, real or virtual"""
PROBED = (640, 480)


class Camera(Protocol):
    """A virtual camera that is open; pyvirtualcam's."""

    @property
    def device(self) -> str:
        """Its name."""

    def send(self, frame: Picture) -> None:
        """Show a picture."""

    def close(self) -> None:
        """Let go of it."""


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A virtual camera that is there."""

    name: str
    """as a target has it"""
    label: str
    """as other programs show it"""


def open_camera(name: str | None, size: tuple[int, int], backend: str | None = None) -> Camera:
    """Open a virtual camera for I420 pictures of a size; the first that is free, where none is named.

    Raises:
        OutputError: there is none, or another program feeds it; says what to do.
    """
    package = _package()
    try:
        camera = package.Camera(*size, FPS, fmt=package.PixelFormat.I420, device=name, backend=backend)
    except (RuntimeError, OSError, ValueError) as error:
        wanted = f"the virtual camera {name!r}" if name else "a virtual camera"
        raise OutputError(f"cannot open {wanted} ({error}); {advice.for_camera()}") from error
    return cast(Camera, camera)


def prove_camera(name: str | None) -> None:
    """Open a camera and close it again.

    Raises:
        OutputError: it cannot be had; says what to do.
    """
    open_camera(name, PROBED).close()


def found_cameras() -> list[FoundCamera]:
    """Those that can be opened now.

    Raises:
        OutputError: the package is missing.
    """
    package = _package()
    found = linux_cameras() if platform.system() == "Linux" else []
    for backend in package.camera.BACKENDS:
        if backend == "v4l2loopback":
            continue
        try:
            camera = open_camera(None, PROBED, backend)
        except OutputError:
            continue
        found.append(FoundCamera(camera.device, camera.device))
        camera.close()
    return found


def linux_cameras() -> list[FoundCamera]:
    """Those that Linux' v4l2loopback made, whether free or not; no package is needed, and no driver asked."""
    return [
        FoundCamera(f"/dev/{path.name}", (path / "name").read_text(encoding="utf-8").strip())
        for path in sorted(LINUX.glob("video*"))
        if "virtual" in path.resolve().parts
    ]


def _package() -> Any:
    try:
        return importlib.import_module("pyvirtualcam")
    except ImportError as error:
        raise OutputError(f"a virtual camera needs pyvirtualcam: {advice.PACKAGES}") from error


__all__ = ["Camera", "FoundCamera", "found_cameras", "linux_cameras", "open_camera", "prove_camera"]
