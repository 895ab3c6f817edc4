"""MuseTalk's networks without its weights: full size, of random numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from livetalk.engines.musetalk.networks import LATENT_SCALE, TOKENS, Networks, load_networks, predict
from livetalk.engines.musetalk.whisper import WhisperEncoder, WhisperShape

UNET = {
    "act_fn": "silu",
    "attention_head_dim": 8,
    "block_out_channels": (320, 640, 1280, 1280),
    "cross_attention_dim": 384,
    "down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
    "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    "in_channels": 8,
    "out_channels": 4,
    "layers_per_block": 2,
    "sample_size": 64,
}
VAE = {
    "act_fn": "silu",
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "latent_channels": 4,
    "layers_per_block": 2,
    "sample_size": 256,
}
"""the published sizes"""
WHISPER = WhisperShape(width=384, layers=4, heads=6, hidden=1536, positions=1500)
_KINDS: Any = diffusers


def make_networks(models: Path | None, device: torch.device) -> Networks:
    """Those below `models`, or, without, full size ones of random numbers, made where they will be used."""
    if models is not None:
        return load_networks(models)
    torch.manual_seed(1)
    with device:
        unet = _KINDS.UNet2DConditionModel(**UNET).eval()
        vae = _KINDS.AutoencoderKL(**VAE).eval()
        whisper = WhisperEncoder(WHISPER).eval()
    return Networks("v15", unet, vae, whisper)


def count_flop(networks: Networks) -> tuple[int, int]:
    """Operations of one picture: the UNet's, the decoder's; a multiplication with its addition is two."""
    unet, vae = (_shadow(network) for network in (networks.unet, networks.vae))
    latents = torch.empty(1, 8, 32, 32, device="meta")
    tokens = torch.empty(1, TOKENS, networks.whisper.width, device="meta")
    with FlopCounterMode(display=False) as in_unet:
        predict(unet, latents, tokens)
    with FlopCounterMode(display=False) as in_vae:
        vae.decode(latents[:, :4] / LATENT_SCALE)
    return in_unet.get_total_flops(), in_vae.get_total_flops()


def _shadow(network: Any) -> Any:
    """The same network without numbers: it only knows their shapes."""
    with torch.device("meta"):
        shadow: nn.Module = type(network).from_config(network.config)
    return shadow.eval()


__all__ = ["count_flop", "make_networks"]
