"""Devices: a GPU for the engine, sound devices and virtual cameras for outputs.

Drivers are asked in processes of their own: they can take long, hang, or end the process that asks.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from livetalk.devices import advice
from livetalk.devices.cameras import linux_cameras
from livetalk.doctor.finding import Finding, Mark
from livetalk.doctor.packages import extra_of, output_kinds, wanted_extras
from livetalk.settings import Settings

ASK_LIMIT_S = 15.0
TORCH = """
import json, torch
cuda = torch.cuda.is_available()
names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())] if cuda else []
print(json.dumps({"version": torch.__version__, "cuda": names, "build": torch.version.cuda}))
"""
SOUND = """
import json, sounddevice
print(json.dumps([each["name"] for each in sounddevice.query_devices() if each["max_output_channels"]]))
"""
NO_VIRTUAL = "no virtual camera"


def device(settings: Settings) -> Sequence[Finding]:
    """What the engine computes on."""
    card = _graphics_card()
    if "musetalk" not in wanted_extras(settings):
        found = f"engine {settings.engine} runs on the CPU" + (f"; there is {card}" if card else "")
        if settings.device in ("auto", "cpu"):
            return [Finding("device", Mark.OK, found)]
        todo = f"leave --device {settings.device} away, or choose an engine that uses it"
        return [Finding("device", Mark.WARN, found, todo)]
    if find_spec("torch") is None:
        return [Finding("device", Mark.FAIL, "torch is not installed", f"pip install {extra_of('torch')}")]
    try:
        torch = _ask(TORCH)
    except _NoAnswer as error:
        todo = f"install it anew: pip install --force-reinstall {extra_of('torch')}"
        return [Finding("device", Mark.FAIL, f"torch does not work: {error}", todo)]
    return [_judge(settings.device, torch, card)]


def sound(_settings: Settings) -> Sequence[Finding]:
    """Where sound can be played on this machine, for outputs that do so."""
    if find_spec("sounddevice") is None:
        found = f"not looked for: pip install {extra_of('sounddevice')} to play on this machine"
        return [Finding("sound", Mark.OK, found)]
    try:
        names = _ask(SOUND)
    except _NoAnswer as error:
        todo = f"only needed to play on this machine: {advice.for_portaudio()}"
        return [Finding("sound", Mark.WARN, f"sounddevice does not work: {error}", todo)]
    found = f"{len(names)} to play on: {', '.join(names)}" if names else "no device to play on"
    return [Finding("sound", Mark.OK, found)]


def cameras(settings: Settings) -> Sequence[Finding]:
    """Virtual cameras, which other programs see the face by."""
    wanted = "camera" in output_kinds(settings)
    mark = Mark.FAIL if wanted else Mark.OK
    if find_spec("pyvirtualcam") is None:
        found = "pyvirtualcam is not installed" + ("" if wanted else "; only the output camera needs it")
        return [Finding("camera", mark, found, f"pip install {extra_of('pyvirtualcam')}" if wanted else "")]
    if sys.platform != "linux":
        return [Finding("camera", Mark.OK, "pyvirtualcam is installed; it needs OBS and its virtual camera")]
    virtual = linux_cameras()
    if not virtual:
        todo = advice.for_camera() if wanted else ""
        return [Finding("camera", mark, NO_VIRTUAL + ("" if wanted else "; none is needed"), todo)]
    named = ", ".join(f"{each.name} ({each.label})" for each in virtual)
    return [Finding("camera", Mark.OK, named)]


def _judge(asked: str, torch: dict[str, Any], card: str) -> Finding:
    """What torch finds, against the device that is asked for."""
    names: list[str] = torch["cuda"]
    version = f"torch {torch['version']}"
    blind = card and not names
    if asked == "cpu":
        return Finding("device", Mark.OK, f"the CPU; {version}")
    if asked == "mps":
        return Finding("device", Mark.OK, f"mps is tried at the start; {version}")
    if asked == "auto" and not names:
        found = f"the CPU; {version}" + (f" does not see {card}" if blind else "")
        todo = "MuseTalk is far slower than speech on a CPU: take one with an NVIDIA GPU, or --engine viseme"
        return Finding("device", Mark.WARN, found, _to_see(torch["build"]) if blind else todo)
    number = 0 if asked == "auto" else int(asked.partition(":")[2] or 0)
    if number < len(names):
        return Finding("device", Mark.OK, f"{names[number]} ({asked}); {version}; {card or 'no nvidia-smi'}")
    found = f"no device {asked}: {version} sees {len(names)} GPUs" + (f"; there is {card}" if card else "")
    todo = "choose another --device: auto, cpu, cuda:0 ..."
    return Finding("device", Mark.FAIL, found, _to_see(torch["build"]) if blind else todo)


def _to_see(build: str | None) -> str:
    """What to do about a torch that does not see the GPU that is there."""
    if build is None:
        return "this torch is built for CPUs alone: install the one for CUDA, see https://pytorch.org"
    return f"this torch is for CUDA {build}, the driver may be older: update it, or install another torch"


def _graphics_card() -> str:
    """What the NVIDIA driver says; "" where there is none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    query = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    try:
        told = subprocess.run(
            [program, *query], capture_output=True, text=True, timeout=ASK_LIMIT_S, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return "an NVIDIA driver that does not answer"
    return "; ".join(
        "{}, driver {}, {}".format(*line.split(", "))
        for line in told.stdout.splitlines()
        if line.count(", ") == 2
    )


class _NoAnswer(Exception):
    """A package or driver did not say what it was asked."""


def _ask(program: str) -> Any:
    command = [sys.executable, "-c", program]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ASK_LIMIT_S, check=True)
    except subprocess.CalledProcessError as error:
        lines = str(error.stderr).strip().splitlines()
        raise _NoAnswer(lines[-1] if lines else f"it ended with status {error.returncode}") from error
    except subprocess.TimeoutExpired as error:
        raise _NoAnswer(f"it did not answer within {ASK_LIMIT_S:g} s") from error
    return json.loads(done.stdout.splitlines()[-1])


__all__ = ["cameras", "device", "sound"]
