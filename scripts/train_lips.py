"""Make the lip network: speech and labels, training, export, and a check on voices it never heard.

    python -m scripts.train_lips                  # all of it, to models/viseme/lips.onnx
    python -m scripts.train_lips --only-evaluate  # measure the network that is there

Needs the extra `train`; with Debian's package `flite` installed, human-made voices join the corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from livetalk.engines.viseme.network import LipNetwork
from scripts.lips import flite
from scripts.lips.corpus import Corpus, join, read_corpus, training_corpus, write_corpus
from scripts.lips.evaluation import report
from scripts.lips.heldout import held_out

ROOT = Path(__file__).parents[1]
PARTS = 8
"""the corpus is made in so many parts, each with its own seed, by as many processes as asked for"""
ATTEMPTS = 3
"""at a part, each with another seed"""


def main() -> None:
    """Run it."""
    asked = _arguments()
    if not asked.only_evaluate:
        _make(asked)
    judged = held_out(asked.utterances, asked.seed + 1)
    checksum = hashlib.sha256(asked.output.read_bytes()).hexdigest()
    measured = report(LipNetwork(asked.output), judged, asked.seed)
    figures = json.dumps({"sha256": checksum, **measured}, indent=1)
    asked.output.with_suffix(".json").write_text(figures + "\n")
    print(figures)


def _make(asked: argparse.Namespace) -> None:
    import torch

    from scripts.lips.model import export
    from scripts.lips.training import train

    started = time.monotonic()
    if asked.corpus is None or not asked.corpus.is_file():
        corpus = _corpus(asked)
    else:
        corpus = read_corpus(asked.corpus)
    print(f"{len(corpus.mels) / 360_000:.1f} h of speech in {time.monotonic() - started:.0f} s", flush=True)
    torch.set_num_threads(asked.threads)
    net = train(corpus, asked.steps, asked.seed)
    export(net, asked.output, f"livetalk lips, {asked.hours} h, {asked.steps} steps, seed {asked.seed}")
    print(f"trained in {time.monotonic() - started:.0f} s: {asked.output}", flush=True)


def _corpus(asked: argparse.Namespace) -> Corpus:
    if not flite.program():
        print("flite is not installed: training on espeak-ng alone, which hears people less well")
    # a process for each part: espeak-ng carries state from one utterance to the next, and crashes on some
    spawned = multiprocessing.get_context("spawn")
    with TemporaryDirectory() as folder, ThreadPoolExecutor(asked.threads) as crew:

        def make(part: int) -> Corpus:
            for seed in range(part, ATTEMPTS * PARTS, PARTS):
                file = Path(folder) / f"{seed}.npz"
                worker = spawned.Process(target=_write_part, args=(asked, seed, file))
                worker.start()
                worker.join()
                if worker.exitcode == 0:
                    return read_corpus(file)
                print(f"part {seed} ended with exit code {worker.exitcode}", flush=True)
            raise RuntimeError(f"part {part} of the corpus could not be made")

        corpus = join(list(crew.map(make, range(PARTS))))
    if asked.corpus is not None:
        write_corpus(corpus, asked.corpus)
    return corpus


def _write_part(asked: argparse.Namespace, seed: int, file: Path) -> None:
    rng = np.random.default_rng((asked.seed, seed))
    write_corpus(training_corpus(asked.hours / PARTS, rng), file)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hours", type=float, default=6.0, help="of speech to make (6)")
    parser.add_argument("--steps", type=int, default=21000, help="of training (21000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--corpus", type=Path, help="read the corpus from this .npz; make it if it is not there"
    )
    parser.add_argument("--utterances", type=int, default=100, help="to be judged by (100)")
    parser.add_argument("--only-evaluate", action="store_true")
    parser.add_argument("--output", type=Path, default=ROOT / "models" / "viseme" / "lips.onnx")
    return parser.parse_args()


if __name__ == "__main__":
    main()
