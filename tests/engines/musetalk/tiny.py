"""Networks as small as can be, of random numbers, in files such as are published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diffusers
import torch
from safetensors.torch import save_file

from livetalk.engines.musetalk.whisper import WhisperEncoder, WhisperShape

UNET = {
    "block_out_channels": [32, 32],
    "cross_attention_dim": 384,
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    "layers_per_block": 1,
    "in_channels": 8,
    "out_channels": 4,
    "attention_head_dim": 8,
}
VAE = {
    "block_out_channels": [8, 8, 8, 8],
    "norm_num_groups": 4,
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "latent_channels": 4,
    "layers_per_block": 1,
}
TAESD = {
    "act_fn": "relu",
    "decoder_block_out_channels": [64] * 4,
    "encoder_block_out_channels": [64] * 4,
    "in_channels": 3,
    "latent_channels": 4,
    "num_decoder_blocks": [3, 3, 3, 1],
    "num_encoder_blocks": [1, 3, 3, 3],
    "out_channels": 3,
    "scaling_factor": 1.0,
    "upsampling_scaling_factor": 2,
}
"""as it is published"""
NETWORKS: Any = diffusers
"""untyped"""
WHISPER = WhisperShape(384, 4, 6, 64, 1500)


def describe(path: Path) -> None:
    """Write the description of the network whose folder it is."""
    path.write_text(json.dumps({"sd-vae": VAE, "taesd": TAESD}.get(path.parent.name, UNET)))


def write_tiny(models: Path, version: str = "musetalkV15", unet: str = "unet.pth") -> None:
    """A models' folder, complete."""
    torch.manual_seed(1)
    for name in (version, "sd-vae", "whisper"):
        (models / name).mkdir(parents=True, exist_ok=True)
    describe(models / version / "musetalk.json")
    describe(models / "sd-vae" / "config.json")
    torch.save(NETWORKS.UNet2DConditionModel.from_config(UNET).state_dict(), models / version / unet)
    vae = NETWORKS.AutoencoderKL.from_config(VAE).state_dict()
    save_file(vae, models / "sd-vae" / "diffusion_pytorch_model.safetensors")
    encoder = {f"model.encoder.{name}": each for name, each in WhisperEncoder(WHISPER).state_dict().items()}
    decoder = {"model.decoder.layers.0.fc1.weight": torch.zeros(1000, 100)}
    torch.save({**encoder, **decoder}, models / "whisper" / "pytorch_model.bin")


def write_taesd(models: Path) -> None:
    """The small decoder beside them."""
    torch.manual_seed(2)
    folder = models / "taesd"
    folder.mkdir()
    describe(folder / "config.json")
    network = NETWORKS.AutoencoderTiny.from_config(TAESD)
    save_file(network.state_dict(), folder / "diffusion_pytorch_model.safetensors")
