"""MuseTalk's networks: tokens and latents to the pixels of a face.

One pass of the UNet at time step 0 predicts the latent of the face itself, there is no noise and no
schedule; the VAE decodes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from livetalk.engines.musetalk.boxes import FACE_PX
from livetalk.engines.musetalk.files import DECODER, VAE_FILES, VERSIONS, again, download_of, version_there
from livetalk.engines.musetalk.weights import (
    State,
    fill,
    find,
    first_line,
    read_config,
    read_state,
)
from livetalk.engines.musetalk.whisper import TINY, WhisperEncoder, read_shape
from livetalk.errors import ModelError

LATENT_SCALE = 0.18215
TOKENS = 50
_OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
"""names in the published VAE -> those of today's diffusers"""

_AUTOENCODER = {"in_channels": 3, "out_channels": 3, "latent_channels": 4}
"""what of their descriptions the other networks rely on"""


@dataclass(frozen=True, slots=True)
class Networks:
    """All that drawing needs."""

    version: str
    """v15 or v10"""
    unet: nn.Module
    vae: nn.Module
    whisper: WhisperEncoder
    tiny: nn.Module | None = None
    """draws in place of the VAE's own decoder"""


def load_networks(models: Path, *, tiny: bool = False) -> Networks:
    """The networks of version 1.5, or else of 1.0; `tiny` with the small decoder.

    Raises:
        ModelError: a file is missing, damaged, or another network's.
    """
    version = version_there(models) or "v15"
    decoder = load_tiny_decoder(models) if tiny else None
    return Networks(version, load_unet(models, version), load_vae(models), load_whisper(models), decoder)


def load_unet(models: Path, version: str) -> nn.Module:
    """The UNet of a version.

    Raises:
        ModelError: a file is missing, damaged, or another network's.
    """
    from diffusers import UNet2DConditionModel

    name, stem = VERSIONS[version]
    folder = models / name
    config = read_config(find(folder, ("musetalk.json",)))
    path = find(folder, (f"{stem}.safetensors", f"{stem}.pth", f"{stem}.bin"))
    fixed = {"in_channels": 8, "out_channels": 4, "cross_attention_dim": TINY.width}
    network = _make(UNet2DConditionModel, config, folder / "musetalk.json", fixed)
    fill(network, read_state(path), path)
    return network.eval()


def load_vae(models: Path) -> nn.Module:
    """The image autoencoder; of a lean folder its decoder alone, and encoding is refused.

    Raises:
        ModelError: a file is missing, damaged, or another network's.
    """
    from diffusers import AutoencoderKL

    folder = models / "sd-vae"
    config = read_config(find(folder, ("config.json",)))
    path = find(folder, (*VAE_FILES, DECODER))
    network = _make(AutoencoderKL, config, folder / "config.json", {**_AUTOENCODER, "blocks": 4})
    if path.name == DECODER:
        network.encoder = network.quant_conv = _Absent(path)
    fill(network, _todays_names(read_state(path)), path)
    return network.eval()


def load_tiny_decoder(models: Path) -> nn.Module:
    """The small autoencoder that is made to decode the same latents: TAESD, in diffusers' layout.

    Raises:
        ModelError: a file is missing, damaged, or another network's.
    """
    from diffusers import AutoencoderTiny

    folder = models / "taesd"
    config = read_config(find(folder, ("config.json",)))
    path = find(folder, ("diffusion_pytorch_model.safetensors",))
    network = _make(AutoencoderTiny, config, folder / "config.json", _AUTOENCODER)
    fill(network, read_state(path), path)
    return network.eval()


def load_whisper(models: Path) -> WhisperEncoder:
    """The encoder of whisper-tiny; the decoder's weights are left in the file.

    Raises:
        ModelError: a file is missing, damaged, or another network's.
    """
    path = find(models / "whisper", ("encoder.safetensors", "model.safetensors", "pytorch_model.bin"))
    prefixes = ("model.encoder.", "encoder.")
    state = {
        name.removeprefix(prefix): tensor
        for name, tensor in read_state(path).items()
        for prefix in prefixes
        if name.startswith(prefix)
    }
    try:
        shape = read_shape(state, TINY.heads)
    except (LookupError, ValueError) as error:
        raise ModelError(f"{path} holds no whisper encoder; {again(path)}") from error
    if replace(shape, hidden=TINY.hidden) != TINY:
        raise ModelError(f"{path} holds an encoder that is not whisper-tiny's; {again(path)}")
    network = WhisperEncoder(shape)
    fill(network, state, path)
    return network.eval()


class _Absent(nn.Module):
    """Stands where a lean folder has nothing."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        raise ModelError(
            f"{self._path} draws faces, but cannot prepare avatars: that needs the VAE's encoder, "
            f"of weights that are not lean; bring them with: {download_of(self._path.parent)}"
        )


def _make(kind: Any, config: dict[str, Any], path: Path, fixed: Mapping[str, int]) -> nn.Module:
    """The network that is described, `fixed` being what of it the other networks rely on."""
    try:
        network: Any = kind.from_config(config)
        found = {**network.config, "blocks": len(network.config.get("block_out_channels", ()))}
        wrong = [
            f"{name} is {found[name]!r} instead of {value}"
            for name, value in fixed.items()
            if found[name] != value
        ]
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RuntimeError) as error:
        raise ModelError(
            f"{path} does not describe a {kind.__name__}: {first_line(error)}; {again(path)}"
        ) from error
    if wrong:
        raise ModelError(f"{path} is of another network than MuseTalk's: {', '.join(wrong)}; {again(path)}")
    made: nn.Module = network
    return made


def _todays_names(state: State) -> State:
    renamed = {}
    for name, tensor in state.items():
        parts = name.split(".")
        if len(parts) > 1 and parts[-2] in _OLD_ATTENTION and "attentions" in parts:
            name = ".".join((*parts[:-2], _OLD_ATTENTION[parts[-2]], parts[-1]))
        renamed[name] = tensor
    return renamed


def positions(width: int, count: int = TOKENS) -> torch.Tensor:
    """(count, width) sines and cosines in turn (A. Vaswani et al., "Attention is all you need", 2017)."""
    rates = torch.exp(torch.arange(0, width, 2, dtype=torch.float64) * (-math.log(10_000) / width))
    angles = torch.arange(count, dtype=torch.float64)[:, None] * rates
    return torch.stack((angles.sin(), angles.cos()), -1).flatten(1).float()


def encode_face(vae: Any, pictures: torch.Tensor) -> torch.Tensor:
    """(n, 3, 256, 256) RGB in [0, 1] to (n, 8, 32, 32): latents with the lower half hidden, and of the whole.

    The mean of what the encoder says, which its samples hardly leave.
    """
    hidden = pictures.clone()
    hidden[..., FACE_PX // 2 :, :] = 0
    moments = [vae.encode((each * 2 - 1).to(vae.dtype)).latent_dist.mode() for each in (hidden, pictures)]
    return torch.cat(moments, 1) * LATENT_SCALE


def predict(unet: Any, latents: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """(n, 8, 32, 32) latents and (n, 50, width) tokens with their positions, to (n, 4, 32, 32)."""
    step = torch.zeros((), dtype=torch.long, device=latents.device)
    predicted: torch.Tensor = unet(latents, step, encoder_hidden_states=tokens).sample
    return predicted


def decode_face(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """(n, 4, 32, 32) to (n, 256, 256, 3) uint8 BGR."""
    pictures = vae.decode(latents / LATENT_SCALE).sample.float()
    levels = (pictures / 2 + 0.5).clamp(0, 1) * 255
    faces: torch.Tensor = levels.round().to(torch.uint8).flip(1).permute(0, 2, 3, 1).contiguous()
    return faces


__all__ = [
    "LATENT_SCALE",
    "TOKENS",
    "Networks",
    "decode_face",
    "encode_face",
    "load_networks",
    "load_tiny_decoder",
    "load_unet",
    "load_vae",
    "load_whisper",
    "positions",
    "predict",
]
