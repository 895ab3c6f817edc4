"""Lean weights: what streaming needs and no more, in half precision, about half of what is fetched.

The UNet, the VAE's decoder and whisper's encoder. What prepares an avatar, the VAE's encoder, is left out.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import nn

from livetalk.engines.musetalk.files import DECODER, VERSIONS
from livetalk.engines.musetalk.networks import load_unet, load_vae, load_whisper
from livetalk.engines.musetalk.weights import State
from livetalk.errors import ModelError


def make_lean(models: Path, target: Path, version: str = "v15") -> None:
    """Write a version's lean weights; `target` is there when it is whole, or not at all.

    Raises:
        ModelError: weights are missing, damaged, or too large for half precision; or `target` is there.
    """
    if target.exists():
        raise ModelError(f"{target} is there already; move it away, or name another folder: --to")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".lean-") as folder:
            made = Path(folder) / target.name
            _write(models, made, version)
            made.rename(target)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{target} cannot be written: {error}; name another folder: --to") from error


def make_lean_v10(models: Path, target: Path) -> None:
    """The same of version 1.0."""
    make_lean(models, target, "v10")


def _write(models: Path, made: Path, version: str) -> None:
    """One network after the other, so that the largest alone says how much memory it takes."""
    folder, stem = VERSIONS[version]
    for part in (folder, "sd-vae", "whisper"):
        (made / part).mkdir(parents=True)
    _save(_half(load_whisper(models), "encoder."), made / "whisper" / "encoder.safetensors")
    _save(_decoder(_half(load_vae(models))), made / "sd-vae" / DECODER)
    _save(_half(load_unet(models, version)), made / folder / f"{stem}.safetensors")
    for description in (f"{folder}/musetalk.json", "sd-vae/config.json"):
        shutil.copyfile(models / description, made / description)
    for weights in made.rglob("*.safetensors"):  # which are written for their owner alone
        shutil.copymode(made / "sd-vae" / "config.json", weights)


def _half(network: nn.Module, prefix: str = "") -> State:
    return {prefix + name: tensor.contiguous() for name, tensor in network.half().state_dict().items()}


def _decoder(state: State) -> State:
    return {
        name: tensor for name, tensor in state.items() if name.startswith(("decoder.", "post_quant_conv."))
    }


def _save(state: State, path: Path) -> None:
    for name, tensor in state.items():
        if not torch.isfinite(tensor).all():
            raise ModelError(
                f"{path.parent.name}: {name} holds numbers too large for half precision, or none"
            )
    save_file(state, path, metadata={"format": "pt"})


__all__ = ["make_lean", "make_lean_v10"]
