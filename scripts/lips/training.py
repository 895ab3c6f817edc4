"""Training: random stretches of the corpus, errors counted where eyes would see them."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from livetalk.engines.viseme.features import BLOCK_FRAMES, WINDOW_FRAMES
from livetalk.engines.viseme.mel import BANDS, SILENT_FRAME
from scripts.lips.corpus import Corpus
from scripts.lips.model import LipNet

PICTURES = 48
"""of a stretch"""
STRETCH_FRAMES = WINDOW_FRAMES + (PICTURES - 1) * BLOCK_FRAMES
FRAMES_BEFORE = 37
"""mel frames of a window before its picture's own"""
BATCH = 32
PEAK_RATE = 2e-3
NOISE_DB = (15, 65)
"""how far below the loudest of a stretch the loudest of its noise is"""
WEIGHTS = (1.2, 1.4, 1.4, 1.6, 1.4, 0.9, 1.0)
"""of the parameters' errors, in the order of PARAMETERS"""
SURPRISE_WEIGHTS = (0.05, 0.05, 0.05, 0.3, 0.3, 0.1, 0.05)
"""of the cross-entropy beside them"""


class Stretches:
    """Draws from a corpus, and hears each stretch differently every time."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        moving = np.concatenate(([0], np.cumsum(corpus.mouths.any(axis=1))))
        self._wordless = np.flatnonzero(moving[STRETCH_FRAMES:] == moving[:-STRETCH_FRAMES])

    def draw(self, count: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """(count, BANDS, STRETCH_FRAMES) mels and (count, 7, PICTURES) mouths, from anywhere."""
        starts = rng.integers(0, len(self._corpus.mels) - STRETCH_FRAMES, count)
        own = np.arange(PICTURES) * BLOCK_FRAMES + FRAMES_BEFORE
        mouths = torch.from_numpy(self._corpus.mouths[starts[:, None] + own]).float()
        mels = _bend(self._mels(starts), rng)
        _colour(mels, rng)
        self._add_noise(mels, rng)
        _cut(mels, rng)
        return mels.transpose(1, 2), mouths.transpose(1, 2)

    def _mels(self, starts: npt.NDArray[np.int64]) -> torch.Tensor:
        return torch.from_numpy(self._corpus.mels[starts[:, None] + np.arange(STRETCH_FRAMES)]).float()

    def _add_noise(self, mels: torch.Tensor, rng: np.random.Generator) -> None:
        """Half of them with a wordless stretch behind them: what is heard in pauses is never the same."""
        noisy = np.flatnonzero(rng.random(len(mels)) < 0.5)
        noise = self._mels(rng.choice(self._wordless, len(noisy)))
        _colour(noise, rng)
        below_db = torch.from_numpy(rng.uniform(*NOISE_DB, (len(noisy), 1, 1))).float()
        noise += mels[noisy].amax((1, 2), True) - noise.amax((1, 2), True) - below_db * np.log(10) / 10
        # the powers of sounds that have nothing to do with each other add up
        mels[noisy] = torch.logaddexp(mels[noisy], noise)


def _bend(mels: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Resonances of half of them moved, low ones apart from high ones: throats differ not only in length."""
    place = np.arange(BANDS) / BANDS
    waves = np.stack([np.sin(np.pi * place), np.sin(2 * np.pi * place), np.sin(3 * np.pi * place)])
    strength = rng.normal(0, (1.6, 0.8, 0.4), (len(mels), 3)) * (rng.random((len(mels), 1)) < 0.5)
    source = torch.from_numpy((np.arange(BANDS) + strength @ waves).clip(0, BANDS - 1.001)).float()
    below = source.long()
    share = (source - below)[:, None]
    index = below[:, None].expand(-1, mels.shape[1], -1)
    return mels.gather(2, index) * (1 - share) + mels.gather(2, index + 1) * share


def _colour(mels: torch.Tensor, rng: np.random.Generator) -> None:
    """Half of them through one more random, smooth filter; silence stays silent."""
    knots = rng.normal(0, 0.7, (len(mels), 7)) * (rng.random((len(mels), 1)) < 0.5)
    smooth = functional.interpolate(
        torch.from_numpy(knots).float()[:, None], BANDS, mode="linear", align_corners=True
    )
    torch.where(mels > SILENT_FRAME[0] + 0.01, mels + smooth, mels, out=mels)
    mels.clamp_(min=float(SILENT_FRAME[0]))


def _cut(mels: torch.Tensor, rng: np.random.Generator) -> None:
    """One in six begins or ends in digital silence, as utterances do."""
    silent = torch.from_numpy(SILENT_FRAME.copy())
    for index in np.flatnonzero(rng.random(len(mels)) < 1 / 6):
        if rng.random() < 0.7:
            mels[index, :FRAMES_BEFORE] = silent
        else:
            mels[index, -(WINDOW_FRAMES - FRAMES_BEFORE - BLOCK_FRAMES) :] = silent


def loss(logits: torch.Tensor, mouths: torch.Tensor) -> torch.Tensor:
    """Absolute error of shapes and of their movement, and cross-entropy.

    The absolute error makes for crisp shapes, but alone it would never find out about rare ones.
    """
    weights = torch.tensor(WEIGHTS)[:, None]
    guess = torch.sigmoid(logits)
    error = functional.smooth_l1_loss(guess, mouths, reduction="none", beta=0.05)
    surprise = functional.binary_cross_entropy_with_logits(logits, mouths, reduction="none")
    shape = (weights * (error + torch.tensor(SURPRISE_WEIGHTS)[:, None] * surprise)).mean()
    movement = functional.smooth_l1_loss(guess.diff(dim=-1), mouths.diff(dim=-1), beta=0.05)
    return shape + 0.3 * movement


def train(corpus: Corpus, steps: int, seed: int) -> LipNet:
    """Fit a fresh network."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    stretches = Stretches(corpus)
    net = LipNet()
    optimiser = torch.optim.AdamW(net.parameters(), PEAK_RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, steps, pct_start=0.1)
    started, recent = time.monotonic(), 0.0
    for step in range(1, steps + 1):
        mels, mouths = stretches.draw(BATCH, rng)
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(mels)
        error = loss(logits.float(), mouths)
        optimiser.zero_grad()
        error.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        recent += (float(error.detach()) - recent) / min(step, 100)
        if step % 500 == 0:
            print(f"step {step}/{steps}: loss {recent:.4f}, {time.monotonic() - started:.0f} s", flush=True)
    return net.eval()
