"""Where MuseTalk's weights lie below the models' folder, and the commands that bring them."""

from __future__ import annotations

from pathlib import Path

from livetalk.assets import asset, flag_for

OWN_SETS = {"musetalk": "musetalk-v10", "taesd": "taesd"}
"""folders whose weights are not among those of version 1.5 -> what to ask `livetalk models` for"""
VERSIONS = {"v15": ("musetalkV15", "unet"), "v10": ("musetalk", "pytorch_model")}
"""version -> folder, stem of the UNet's weights"""
VAE_FILES = ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin")
DECODER = "decoder.safetensors"
"""the VAE without its encoder, which streaming never uses"""

PARSER = "face-parse-bisent/79999_iter.pth"
"""weights of the network that tells the parts of a face apart"""
BROUGHT_BY_HAND = ("dwpose", "face-parse-bisent")
"""folders of weights that avatars are made better with, and that no command here fetches"""


def download_of(folder: Path) -> str:
    """The command that brings what belongs into a folder of weights."""
    there = flag_for("--models-dir", folder.parent, asset("models"))
    return f"livetalk models download {OWN_SETS.get(folder.name, 'musetalk')}{there}"


def again(path: Path) -> str:
    """What to do about a file that is of no use."""
    if path.parent.name in BROUGHT_BY_HAND:
        return "fetch it again where it came from, or move it away: avatars are made without it, too"
    return f"fetch it again: {download_of(path.parent)}"


def version_there(models: Path) -> str:
    """Of the networks that the engine would load, "" where there are none."""
    return next((version for version, (folder, _) in VERSIONS.items() if (models / folder).is_dir()), "")


__all__ = [
    "BROUGHT_BY_HAND",
    "DECODER",
    "OWN_SETS",
    "PARSER",
    "VAE_FILES",
    "VERSIONS",
    "again",
    "download_of",
    "version_there",
]
