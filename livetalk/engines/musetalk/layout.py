"""Networks in channels-last, the layout that a GPU convolves in, all the way through.

CUDA's group normalization, as of torch 2.13, lays every picture out anew in channels-first, and the
convolution behind it turns it back (pytorch/pytorch#111824). This one keeps the layout.
"""

from __future__ import annotations

import torch
from torch import nn


class ChannelsLastNorm(nn.GroupNorm):
    """Group normalization (Y. Wu and K. He, 2018) of channels-last (n, c, h, w); of others as it ever was."""

    def __init__(self, norm: nn.GroupNorm) -> None:
        """In place of one, with its weights."""
        super().__init__(norm.num_groups, norm.num_channels, norm.eps, affine=False)
        self.weight, self.bias = norm.weight, norm.bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalized, in the layout it came in; sums are in single precision."""
        if x.dim() != 4 or not x.is_contiguous(memory_format=torch.channels_last):
            return super().forward(x)
        count, channels, height, width = x.shape
        rows = x.permute(0, 2, 3, 1).view(count, height * width, channels)
        mean = self._of_groups(rows.mean(1, dtype=torch.float))
        length = torch.linalg.vector_norm(rows, dim=1, dtype=torch.float)
        variance = self._of_groups(length.square() / (height * width)) - mean.square()
        rate = (variance.clamp_min(0) + self.eps).rsqrt()
        scale = self._of_channels(rate) * self.weight.float()
        shift = self.bias.float() - self._of_channels(mean) * scale
        scale, shift = (each.to(x.dtype)[:, :, None, None] for each in (scale, shift))
        return torch.addcmul(shift, x, scale)

    def _of_groups(self, of_channels: torch.Tensor) -> torch.Tensor:
        return of_channels.view(len(of_channels), self.num_groups, -1).mean(-1)

    def _of_channels(self, of_groups: torch.Tensor) -> torch.Tensor:
        return of_groups[..., None].expand(-1, -1, self.num_channels // self.num_groups).flatten(1)


def to_channels_last(network: nn.Module) -> None:
    """Lay a network's weights out in channels-last, and have its normalizations keep to it."""
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for parent in [*network.modules()]:
        for name, child in parent.named_children():
            if type(child) is nn.GroupNorm:  # with weights, as all of these networks have
                setattr(parent, name, ChannelsLastNorm(child))


__all__ = ["ChannelsLastNorm", "to_channels_last"]
