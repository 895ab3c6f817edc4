"""What to install for a virtual camera or a virtual cable, on each system."""

from __future__ import annotations

import platform

PACKAGES = 'pip install "livetalk[camera]"'

CAMERA = {
    "Linux": (
        "install v4l2loopback (Debian, Ubuntu: apt install v4l2loopback-dkms), then: "
        'sudo modprobe v4l2loopback devices=1 exclusive_caps=1 card_label="livetalk"'
    ),
    "Windows": "install OBS Studio 26.1 or newer, which brings OBS Virtual Camera, or Unity Capture",
    "Darwin": "install OBS Studio 30 or newer, start its virtual camera once, and allow its camera extension",
}
SOUND = {
    "Linux": (
        "PulseAudio or PipeWire make one: pactl load-module module-null-sink sink_name=livetalk; "
        "else ALSA does: sudo modprobe snd-aloop"
    ),
    "Windows": "install VB-CABLE; what is played to its CABLE Input comes out of its microphone CABLE Output",
    "Darwin": "install BlackHole (brew install blackhole-2ch); it is a device to play to and a microphone",
}
PORTAUDIO = {
    "Linux": (
        "install PortAudio, and for PulseAudio or PipeWire the plugins of ALSA (Debian, Ubuntu: apt install "
        "libportaudio2 libasound2-plugins)"
    ),
}


def for_camera() -> str:
    """How this system gets a virtual camera."""
    return CAMERA.get(platform.system(), "no virtual camera is known for this system")


def for_sound() -> str:
    """How this system gets a sound device that other programs can listen to."""
    return SOUND.get(platform.system(), "no virtual sound device is known for this system")


def for_portaudio() -> str:
    """How this system gets the library that plays sound."""
    return PORTAUDIO.get(platform.system(), f"install it again: {PACKAGES}")


__all__ = ["PACKAGES", "for_camera", "for_portaudio", "for_sound"]
