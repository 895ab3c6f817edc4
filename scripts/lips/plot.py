"""Pictures of what the network hears and does: for the docs, and for the eye that judges it.

python -m scripts.lips.plot OUTPUT.png                        # a held-out voice, with its labels
python -m scripts.lips.plot OUTPUT.png --sound FILE --start 4 # any recording
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import soundfile
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.signal import resample_poly

from livetalk.engines.viseme.mel import BANDS, LEAD, log_mel
from livetalk.engines.viseme.network import LipNetwork
from livetalk.engines.viseme.shape import PARAMETERS
from livetalk.types import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE, Float32Array
from scripts.lips.corpus import as_pcm
from scripts.lips.evaluation import mouths_of
from scripts.lips.heldout import held_out

mpl.use("Agg")

ROOT = Path(__file__).parents[2]

_COLOURS = ("#c0392b", "#e67e22", "#8e44ad", "#2c3e50", "#27ae60", "#16a085", "#2980b9")


def draw(
    path: Path, sound: Float32Array, mouths: Float32Array, truth: Float32Array | None, title: str
) -> None:
    """A spectrogram over the seven parameters' tracks; `truth` is drawn as a grey area behind them."""
    seconds = len(mouths) * FRAME_S
    figure = Figure(figsize=(14, 8), layout="constrained")
    axes: Sequence[Axes] = figure.subplots(
        1 + len(PARAMETERS), 1, sharex=True, gridspec_kw={"height_ratios": [3, *[1] * len(PARAMETERS)]}
    )
    mel = log_mel(np.pad(as_pcm(sound), LEAD)).T
    axes[0].imshow(mel, origin="lower", aspect="auto", cmap="magma", extent=(0, seconds, 0, BANDS))
    axes[0].set_ylabel("mel band")
    axes[0].set_title(title)
    times = np.arange(len(mouths) + 1) * FRAME_S
    for index, (axis, name) in enumerate(zip(axes[1:], PARAMETERS, strict=True)):
        if truth is not None:
            axis.stairs(truth[:, index], times, fill=True, color="#cccccc")
        axis.stairs(mouths[:, index], times, color=_COLOURS[index], baseline=None, linewidth=1.4)
        axis.set_ylim(-0.02, 1.05)
        axis.set_ylabel(name, rotation=0, ha="right", va="center")
        axis.grid(axis="x", alpha=0.3)
    axes[-1].set_xlim(0, seconds)
    axes[-1].set_xlabel("s")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)


def read_sound(path: Path) -> Float32Array:
    """A recording as (n,) samples at 16 kHz, n a multiple of 640."""
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    heard: Float32Array = resample_poly(sound.mean(axis=1), SAMPLE_RATE, rate).astype(np.float32)
    return heard[: len(heard) // FRAME_SAMPLES * FRAME_SAMPLES]


def main() -> None:
    """Draw one picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--network", type=Path, default=ROOT / "models" / "viseme" / "lips.onnx")
    parser.add_argument("--sound", type=Path, help="a recording, instead of a held-out voice")
    parser.add_argument("--start", type=float, default=0.0, help="s")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=3)
    asked = parser.parse_args()
    network = LipNetwork(asked.network)
    span = slice(round(asked.start / FRAME_S), round((asked.start + asked.seconds) / FRAME_S))
    samples = slice(span.start * FRAME_SAMPLES, span.stop * FRAME_SAMPLES)
    if asked.sound is not None:
        sound = read_sound(asked.sound)
        title = f"a person: {asked.sound.stem}, {asked.start:g} s to {asked.start + asked.seconds:g} s"
        draw(asked.output, sound[samples], mouths_of(network, sound)[span], None, title)
        return
    (made,) = held_out(1, asked.seed)
    title = "a held-out voice; grey: the labels"
    draw(asked.output, made.sound[samples], mouths_of(network, made.sound)[span], made.mouths[span], title)


if __name__ == "__main__":
    main()
