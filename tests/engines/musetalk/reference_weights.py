"""The small random weights that the references' outputs were made with, made again to the bit.

Known from the files' own description (seeds, sizes) and found by comparing: networks begin as diffusers makes
them from the first seed; biases, norms and whisper are drawn with the second; the last layers are scaled so
that pictures and latents have a usual spread.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import diffusers
import torch
from torch import nn

from bench.musetalk_networks import UNET, VAE
from livetalk.engines.musetalk.whisper import WhisperEncoder, WhisperShape

SMALL_UNET = {**UNET, "block_out_channels": (32, 64, 64, 64)}
SMALL_VAE = {**VAE, "block_out_channels": (32, 32, 64, 64), "layers_per_block": 1}
WHISPER = WhisperShape(width=384, layers=4, heads=6, hidden=1536, positions=1500)
WHISPER_SEED = 201
WHISPER_GAINS = {"conv1": 1.6, "conv2": 1.6, "q_proj": 1.8, "k_proj": 1.8}
LATENT_GAIN, DEVIATION_GAIN, LOG_VARIANCE = 27.092906951904297, 0.05, -16.0
DECODED_GAIN, DECODED_BIAS = 1.2910105, (0.025654394179582596, 0.06777753680944443, 0.16822028160095215)
_KINDS: Any = diffusers


def write_reference_weights(models: Path) -> None:
    """A models' folder with both versions of the UNet."""
    for name in ("musetalk", "musetalkV15", "sd-vae", "whisper"):
        (models / name).mkdir(parents=True)
    (models / "sd-vae" / "config.json").write_text(json.dumps(SMALL_VAE))
    torch.save(make_vae(), models / "sd-vae" / "diffusion_pytorch_model.bin")
    torch.save(make_whisper(), models / "whisper" / "pytorch_model.bin")
    for name, file, seed, gain in (
        ("musetalk", "pytorch_model.bin", 100, 2.3639936),
        ("musetalkV15", "unet.pth", 150, 2.5497487),
    ):
        (models / name / "musetalk.json").write_text(json.dumps(SMALL_UNET))
        torch.save(make_unet(seed, gain), models / name / file)


def make_unet(seed: int, gain: float) -> dict[str, torch.Tensor]:
    """In half precision, the last layer `gain` times as strong as it was drawn."""
    network = _drawn(_KINDS.UNet2DConditionModel, SMALL_UNET, seed)
    network.conv_out.weight.data.mul_(gain)
    return {name: tensor.half() for name, tensor in network.state_dict().items()}


def make_vae() -> dict[str, torch.Tensor]:
    """Its samples hardly leave their mean."""
    network = _drawn(_KINDS.AutoencoderKL, SMALL_VAE, 300)
    network.decoder.conv_out.weight.data.mul_(DECODED_GAIN)
    network.decoder.conv_out.bias.data.copy_(torch.tensor(DECODED_BIAS))
    for tensor in (network.quant_conv.weight.data, network.quant_conv.bias.data):
        tensor[:4] *= LATENT_GAIN
        tensor[4:] *= DEVIATION_GAIN
    network.quant_conv.bias.data[4:] = LOG_VARIANCE
    state: dict[str, torch.Tensor] = network.state_dict()
    return state


def make_whisper() -> dict[str, torch.Tensor]:
    """Its encoder, exact in half precision."""
    drawing = torch.Generator().manual_seed(WHISPER_SEED)
    state = WhisperEncoder(WHISPER).state_dict()
    names = [
        "conv1",
        "conv2",
        *(f"layers.{layer}.{part}" for layer in range(4) for part in _LAYER),
        "layer_norm",
    ]
    for name in names:
        for kind in ("weight", "bias"):
            if (key := f"{name}.{kind}") in state:
                state[key] = _whisper_tensor(name.split(".")[-1], kind, state[key].shape, drawing)
    state["embed_positions.weight"] = _sinusoids(WHISPER.positions, WHISPER.width)
    return {f"model.encoder.{name}": tensor.half().float() for name, tensor in state.items()}


_LAYER = (
    *(f"self_attn.{part}" for part in ("k_proj", "v_proj", "q_proj", "out_proj")),
    *("self_attn_layer_norm", "fc1", "fc2", "final_layer_norm"),
)


def _whisper_tensor(leaf: str, kind: str, shape: torch.Size, drawing: torch.Generator) -> torch.Tensor:
    drawn = torch.randn(shape, generator=drawing)
    if kind == "bias":
        return 0.05 * drawn
    if leaf.endswith("layer_norm"):
        return 1 + 0.2 * drawn
    return drawn * (WHISPER_GAINS.get(leaf, 1.0) / math.sqrt(math.prod(shape[1:])))


def _sinusoids(positions: int, width: int) -> torch.Tensor:
    """Whisper's: sines, then cosines, of rates from 1 to 1/10000."""
    half = width // 2
    exponents = -math.log(10_000) / (half - 1) * torch.arange(half)
    rates = exponents.double().exp().float()  # rounded well, as not every processor does
    angles = torch.arange(positions)[:, None] * rates
    return torch.cat((angles.sin(), angles.cos()), 1)


def _drawn(kind: Any, config: dict[str, Any], seed: int) -> Any:
    torch.manual_seed(seed)
    network: nn.Module = kind(**config)
    drawing = torch.Generator().manual_seed(seed + 1)
    for name, parameter in network.named_parameters():
        leaf = name.split(".")[-2]
        if "norm" in leaf:
            drawn = torch.randn(parameter.shape, generator=drawing)
            parameter.data.copy_(1 + 0.2 * drawn if name.endswith("weight") else 0.1 * drawn)
        elif name.endswith("bias"):
            parameter.data.copy_(0.05 * torch.randn(parameter.shape, generator=drawing))
        elif "attn2" in name:
            parameter.data.mul_(2)
    return network
