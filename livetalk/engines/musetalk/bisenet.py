"""The face parser: which part of a face each pixel is.

BiSeNet (C. Yu et al., "BiSeNet: Bilateral segmentation network for real-time semantic segmentation", 2018) on
ResNet-18, in the shape that face-parsing.PyTorch trained on CelebAMask-HQ and published as `79999_iter.pth`:
the detail comes from ResNet's second stage, and two more outputs, which only training needs, are left out.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import nn
from torch.nn import functional

from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.classes import COUNT, LABELS_PX
from livetalk.engines.musetalk.weights import fill, read_state

Labels = npt.NDArray[np.uint8]
Tensor = torch.Tensor

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""of ImageNet's pictures, RGB"""
_TRAINING_ONLY = ("conv_out16.", "conv_out32.")
_WIDTHS = (64, 128, 256, 512)
_PART = 128
"""channels of each of the two that are joined"""


class Parser:
    """The network on a device."""

    def __init__(self, path: Path, device: torch.device | str) -> None:
        """Read it.

        Raises:
            ModelError: the file is damaged, or another network's.
        """
        state = {
            name: tensor
            for name, tensor in read_state(path).items()
            if not name.startswith(_TRAINING_ONLY) and not name.endswith("num_batches_tracked")
        }
        self._network = BiSeNet()
        fill(self._network, state, path)
        self._network.to(device).eval().requires_grad_(False)
        self._device = device
        self._mean, self._deviation = (
            torch.tensor(each, device=device)[:, None, None] for each in (_MEAN, _DEVIATION)
        )

    @torch.inference_mode()
    def parse(self, picture: npt.NDArray[np.uint8], around: Box) -> Labels:
        """(512, 512) classes of the crop box `around` of a BGR picture, black beyond its edges."""
        whole = Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        sized = whole.crop(around).resize((LABELS_PX, LABELS_PX), Image.Resampling.BILINEAR)
        levels = torch.from_numpy(np.array(sized)).to(self._device).permute(2, 0, 1).contiguous() / 255
        scores: Tensor = self._network(((levels - self._mean) / self._deviation)[None])
        return np.asarray(scores[0].argmax(0).to(torch.uint8).cpu().numpy())


class BiSeNet(nn.Module):
    """(n, 3, h, w) to scores (n, 19, h, w); edges are multiples of 32."""

    def __init__(self) -> None:
        super().__init__()
        self.cp = _Context()
        self.ffm = _Fusion(2 * _PART)
        self.conv_out = _Output(2 * _PART)

    def forward(self, pictures: Tensor) -> Tensor:
        """What each pixel is."""
        scores = self.conv_out(self.ffm(torch.cat(self.cp(pictures), 1)))
        return functional.interpolate(scores, pictures.shape[2:], mode="bilinear", align_corners=True)


class _Context(nn.Module):
    """Features of an eighth of the size: the detail, and what the coarser stages know."""

    def __init__(self) -> None:
        super().__init__()
        self.resnet = _ResNet()
        self.arm16 = _Refinement(_WIDTHS[2])
        self.arm32 = _Refinement(_WIDTHS[3])
        self.conv_head32 = _Convolution(_PART, _PART)
        self.conv_head16 = _Convolution(_PART, _PART)
        self.conv_avg = _Convolution(_WIDTHS[3], _PART, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        fine, middle, coarse = self.resnet(pictures)
        known = self.arm32(coarse) + self.conv_avg(_average(coarse))
        known = self.conv_head32(functional.interpolate(known, middle.shape[2:]))
        known = self.arm16(middle) + known
        return fine, self.conv_head16(functional.interpolate(known, fine.shape[2:]))


class _ResNet(nn.Module):
    """ResNet-18 (K. He et al., 2015): its features at an eighth, a sixteenth and a thirty-second."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, _WIDTHS[0], 7, 2, 3, bias=False)
        self.bn1 = _Norm(_WIDTHS[0])
        self.layer1 = _stage(_WIDTHS[0], _WIDTHS[0], 1)
        self.layer2 = _stage(_WIDTHS[0], _WIDTHS[1], 2)
        self.layer3 = _stage(_WIDTHS[1], _WIDTHS[2], 2)
        self.layer4 = _stage(_WIDTHS[2], _WIDTHS[3], 2)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = functional.max_pool2d(functional.relu(self.bn1(self.conv1(pictures))), 3, 2, 1)
        fine = self.layer2(self.layer1(x))
        middle = self.layer3(fine)
        return fine, middle, self.layer4(middle)


class _Block(nn.Module):
    """Two convolutions beside a short cut."""

    def __init__(self, width: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, out, 3, stride, 1, bias=False)
        self.bn1 = _Norm(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = _Norm(out)
        self.downsample = None
        if stride > 1 or width != out:
            self.downsample = nn.Sequential(nn.Conv2d(width, out, 1, stride, bias=False), _Norm(out))

    def forward(self, x: Tensor) -> Tensor:
        short = x if self.downsample is None else self.downsample(x)
        inner = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(short + self.bn2(self.conv2(inner)))


def _stage(width: int, out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(_Block(width, out, stride), _Block(out, out, 1))


class _Refinement(nn.Module):
    """Features, each channel weighed by its average."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = _Convolution(width, _PART)
        self.conv_atten = nn.Conv2d(_PART, _PART, 1, bias=False)
        self.bn_atten = _Norm(_PART)

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.conv(x)
        return features * torch.sigmoid(self.bn_atten(self.conv_atten(_average(features))))


class _Fusion(nn.Module):
    """Detail and context made one."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convblk = _Convolution(width, width, 1)
        self.conv1 = nn.Conv2d(width, width // 4, 1, bias=False)
        self.conv2 = nn.Conv2d(width // 4, width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.convblk(x)
        weights = self.conv2(functional.relu(self.conv1(_average(features))))
        return features + features * torch.sigmoid(weights)


class _Output(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = _Convolution(width, width)
        self.conv_out = nn.Conv2d(width, COUNT, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.conv_out(self.conv(x))
        return scores


class _Convolution(nn.Module):
    """Normalized, and no less than nothing."""

    def __init__(self, width: int, out: int, size: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, out, size, padding=size // 2, bias=False)
        self.bn = _Norm(out)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.bn(self.conv(x)))


class _Norm(nn.Module):
    """Batch normalization with what training measured; it keeps no count of training's steps."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
        self.register_buffer("running_mean", torch.zeros(width))
        self.register_buffer("running_var", torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias)


def _average(x: Tensor) -> Tensor:
    return x.mean((2, 3), keepdim=True)


__all__ = ["BiSeNet", "Parser"]
