"""Whisper's encoder: log-mel frames to the hidden states that MuseTalk listens to.

Written out here because MuseTalk wants every layer's output, and live use wants fewer than the 1500
positions that the library's encoder insists on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from livetalk.engines.musetalk.mel import BANDS


@dataclass(frozen=True, slots=True)
class WhisperShape:
    """How large it is."""

    width: int
    layers: int
    heads: int
    hidden: int
    positions: int


TINY = WhisperShape(384, 4, 6, 1536, 1500)
"""as it is published, and MuseTalk was made for"""


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        def split(y: torch.Tensor) -> torch.Tensor:
            return y.view(*y.shape[:2], self.heads, -1).transpose(1, 2)

        mixed = functional.scaled_dot_product_attention(
            split(self.q_proj(x)), split(self.k_proj(x)), split(self.v_proj(x))
        )
        result: torch.Tensor = self.out_proj(mixed.transpose(1, 2).flatten(2))
        return result


class _Layer(nn.Module):
    def __init__(self, shape: WhisperShape) -> None:
        super().__init__()
        self.self_attn_layer_norm = nn.LayerNorm(shape.width)
        self.self_attn = _Attention(shape.width, shape.heads)
        self.final_layer_norm = nn.LayerNorm(shape.width)
        self.fc1 = nn.Linear(shape.width, shape.hidden)
        self.fc2 = nn.Linear(shape.hidden, shape.width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.self_attn(self.self_attn_layer_norm(x))
        result: torch.Tensor = x + self.fc2(functional.gelu(self.fc1(self.final_layer_norm(x))))
        return result


class WhisperEncoder(nn.Module):
    """The encoder, its parameters named as in Hugging Face's checkpoints (`model.encoder.*`)."""

    def __init__(self, shape: WhisperShape) -> None:
        super().__init__()
        self.width = shape.width
        self.conv1 = nn.Conv1d(BANDS, shape.width, 3, padding=1)
        self.conv2 = nn.Conv1d(shape.width, shape.width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(shape.positions, shape.width)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))
        self.layer_norm = nn.LayerNorm(shape.width)

    def forward(self, mel: torch.Tensor, *, normed: bool = True) -> torch.Tensor:
        """(n, BANDS, frames) to (n, frames // 2, layers + 1, width): the layers' input, and what each makes.

        Args:
            mel: levelled log-mel frames, an even number of them, at most twice the positions.
            normed: whether the last state has been through the final norm (Hugging Face's way), or not
                (openai's, which MuseTalk 1.0 was made with).
        """
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.embed_positions.weight[: x.shape[1]]
        states = [x]
        for layer in self.layers:
            states.append(layer(states[-1]))
        if normed:
            states[-1] = self.layer_norm(states[-1])
        return torch.stack(states, 2)


def read_shape(state: Mapping[str, torch.Tensor], heads: int) -> WhisperShape:
    """The size of the encoder whose parameters these are."""
    hidden, width = state["layers.0.fc1.weight"].shape
    layers = len({name.split(".")[1] for name in state if name.startswith("layers.")})
    return WhisperShape(width, layers, heads, hidden, state["embed_positions.weight"].shape[0])


__all__ = ["TINY", "WhisperEncoder", "WhisperShape", "read_shape"]
