"""Pictures of what the network hears and does: for the docs, and for the eye that judges it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livetalk.engines.viseme.mel import BANDS, LEAD, log_mel
from livetalk.engines.viseme.shape import PARAMETERS
from livetalk.types import FRAME_S, Float32Array, Int16Array

mpl.use("Agg")

_COLOURS = ("#c0392b", "#e67e22", "#8e44ad", "#2c3e50", "#27ae60", "#16a085", "#2980b9")


def draw(
    path: Path,
    pcm: Int16Array,
    mouths: Float32Array,
    truth: Float32Array | None = None,
    title: str = "",
    words: Sequence[tuple[float, str]] = (),
) -> None:
    """A spectrogram over the seven parameters' tracks; `truth` is drawn as a grey area behind them."""
    seconds = len(mouths) * FRAME_S
    figure = Figure(figsize=(14, 8), layout="constrained")
    axes: Sequence[Axes] = figure.subplots(
        1 + len(PARAMETERS), 1, sharex=True, gridspec_kw={"height_ratios": [3, *[1] * len(PARAMETERS)]}
    )
    mel = log_mel(np.pad(pcm, LEAD)).T
    axes[0].imshow(mel, origin="lower", aspect="auto", cmap="magma", extent=(0, seconds, 0, BANDS))
    axes[0].set_ylabel("mel band")
    axes[0].set_title(title)
    for at, word in words:
        axes[0].text(at, len(mel) - 6, word, color="white", fontsize=8)
    times = np.arange(len(mouths) + 1) * FRAME_S
    for index, (axis, name) in enumerate(zip(axes[1:], PARAMETERS, strict=True)):
        if truth is not None:
            axis.stairs(truth[:, index], times[: len(truth) + 1], fill=True, color="#cccccc")
        axis.stairs(mouths[:, index], times, color=_COLOURS[index], baseline=None, linewidth=1.4)
        axis.set_ylim(-0.02, 1.05)
        axis.set_ylabel(name, rotation=0, ha="right", va="center")
        axis.grid(axis="x", alpha=0.3)
    axes[-1].set_xlim(0, seconds)
    axes[-1].set_xlabel("s")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
