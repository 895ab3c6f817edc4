"""MuseTalk's speed on this machine: `python -m bench.musetalk [--models DIR] [--device NAME]`.

For each size of batch: pictures a second of the UNet, of the decoder, and of the whole way from latents and
tokens to I420 faces in the processor's memory; and what share that is of the device's rate in a large matrix
product, measured in the same run. Then sessions that speak all the time, at 25 pictures a second, through the
server's own batcher: each hears new sound, infers in fours, pastes; a picture that is not done when it is to
play is late.

`--compile` lets torch.compile fuse the way from latents to faces, to see what that would bring.
Without `--models` the networks have their published size and random numbers; speed does not depend on them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bench.musetalk_networks import count_flop, make_networks
from bench.report import emit, plainly, tell
from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.manifest import EngineEntry, Manifest
from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.drawing import Drawing, find_device
from livetalk.engines.musetalk.engine import MuseTalkAvatar, MuseTalkEngine
from livetalk.engines.musetalk.networks import LATENT_SCALE, TOKENS, predict
from livetalk.engines.musetalk.paste import prepare
from livetalk.metrics import Metrics
from livetalk.pipeline.batcher import Batcher
from livetalk.types import FRAME_S, FRAME_SAMPLES, LipJob

POSES = 50
BODY_PX = 512
LEAD_S = 0.48
"""how long before it plays a picture is asked for, as Playout's lead allows"""
GROUP = 4
"""pictures a session asks for at a time"""
CALLS = 20
"""of which the median is taken; fewer where each takes long"""
LONG_S = 0.5


@dataclass(frozen=True, slots=True)
class Device:
    """What it is, and how fast it multiplies."""

    name: str
    precision: str
    matrix_tflops: float
    """of one large product of random matrices, in this precision"""
    gflop_unet: float
    """of one picture"""
    gflop_decoder: float


@dataclass(frozen=True, slots=True)
class Batch:
    """One size of batch."""

    size: int
    unet_fps: float
    decoder_fps: float
    whole_fps: float
    batch_ms: float
    matrix_share: float
    """of the whole way, of the device's rate"""


@dataclass(frozen=True, slots=True)
class Load:
    """Sessions that all speak."""

    sessions: int
    pictures: int
    late: float
    """share of the pictures that were not done when they were to play"""
    spare_ms: float
    """how early the picture was that 99 of 100 were earlier than; below 0 it was late"""
    mean_batch: float


class Bench:
    """The networks on a device, and the figures."""

    def __init__(self, models: Path | None, device: torch.device, compiled: bool = False) -> None:
        self._device = device
        networks = make_networks(models, device)
        self.flop = count_flop(networks)
        self._drawing = Drawing(networks, device, compiled=compiled)
        self._type = torch.half if device.type == "cuda" else torch.float32
        self._engine = MuseTalkEngine(self._drawing)
        self._latents = self._drawing.take(torch.randn(POSES, 8, 32, 32))
        self._tokens = torch.randn(POSES, TOKENS, networks.whisper.width).to(device, self._type)

    def device(self) -> Device:
        """Measure the matrix rate: the ceiling of all that follows."""
        edge = 8192 if self._device.type == "cuda" else 1024
        a, b = (torch.randn(edge, edge, device=self._device, dtype=self._type) for _ in range(2))
        seconds = self._median(lambda: a @ b)
        cuda = self._device.type == "cuda"
        name = torch.cuda.get_device_name(self._device) if cuda else f"CPU, {torch.get_num_threads()} thread"
        return Device(
            name,
            str(self._type).removeprefix("torch."),
            round(2 * edge**3 / seconds / 1e12, 3),
            *(round(each / 1e9, 1) for each in self.flop),
        )

    @torch.inference_mode()
    def batch(self, size: int, matrix_tflops: float) -> Batch:
        """Measure one size."""
        latents, tokens = self._latents[:size], self._tokens[:size]
        faces = latents[:, :4] / LATENT_SCALE
        unet_s = self._median(lambda: predict(self._drawing.unet, latents, tokens))
        decoder_s = self._median(lambda: self._drawing.vae.decode(faces).sample)  # type: ignore[operator]
        whole_s = self._median(lambda: self._drawing.draw([*latents], [*tokens]))
        unet_fps, decoder_fps, whole_fps = (round(size / each, 2) for each in (unet_s, decoder_s, whole_s))
        rate = sum(self.flop) * size / whole_s / 1e12
        share = round(rate / matrix_tflops, 3)
        return Batch(size, unet_fps, decoder_fps, whole_fps, round(whole_s * 1000, 2), share)

    def load(self, sessions: int, seconds: float) -> Load:
        """Have so many sessions speak."""
        metrics = Metrics()
        batcher = Batcher(self._engine, metrics)
        batcher.start()
        avatar = self._avatar()
        try:
            batcher.warm_up(avatar)
            warm = _batches(metrics)
            spare: list[list[float]] = [[] for _ in range(sessions)]
            start = time.monotonic() + 0.2
            speakers = [
                threading.Thread(
                    target=self._speak,
                    args=(batcher, avatar, start + GROUP * FRAME_S * place / sessions, seconds, spare[place]),
                )
                for place in range(sessions)
            ]
            for speaker in speakers:
                speaker.start()
            for speaker in speakers:
                speaker.join()
        finally:
            batcher.stop()
        every = np.concatenate([np.array(each) for each in spare])
        count, total = (after - before for before, after in zip(warm, _batches(metrics), strict=True))
        return Load(
            sessions,
            len(every),
            round(float((every < 0).mean()), 5),
            round(float(np.percentile(every, 1)) * 1000, 1),
            round(total / count, 1),
        )

    def _speak(
        self, batcher: Batcher, avatar: MuseTalkAvatar, start: float, seconds: float, spare: list[float]
    ) -> None:
        """One session: asks for its pictures as their lead allows, and notes how early each was done."""
        numbers = np.random.default_rng(int(start * 1000))
        stream = self._engine.features()
        pose, plays = 0, start + LEAD_S
        while plays < start + LEAD_S + seconds:
            time.sleep(max(0.0, plays - LEAD_S - time.monotonic()))
            pcm = numbers.normal(0, 2000, GROUP * FRAME_SAMPLES).astype(np.int16)
            windows = [*stream.push(pcm)]
            for begin in range(0, len(windows), batcher.best_batch):
                jobs = [
                    LipJob(window, pose + place, avatar)
                    for place, window in enumerate(windows[begin : begin + batcher.best_batch])
                ]
                mouths = batcher.infer(jobs, plays)
                for job, mouth in zip(jobs, mouths, strict=True):
                    self._engine.paste(mouth, job.shown.frame, avatar)
                    spare.append(plays - time.monotonic())
                    plays += FRAME_S
                pose += len(jobs)
            plays += 0.0 if windows else GROUP * FRAME_S

    def _avatar(self) -> MuseTalkAvatar:
        """A drawn body, and a face of usual size in it."""
        pictures = np.full((POSES, BODY_PX * 3 // 2, BODY_PX), 128, np.uint8)
        manifest = Manifest(
            schema_version=1,
            id="bench",
            name="Bench",
            width=BODY_PX,
            height=BODY_PX,
            fps=25,
            frames=POSES,
            loop="mirror",
            video="none",
            thumbnail="none",
            source="made here",
            licence="none",
            engines={"musetalk": EngineEntry(kind="latents", file="none")},
            checksums={},
        )
        face = Box(140, 160, 372, 430)
        around = Box(54, 93, 458, 497)
        place = prepare(face, np.full((404, 404), 255, np.uint8), around, (BODY_PX, BODY_PX))
        return MuseTalkAvatar(
            AvatarBundle(Path(), manifest, pictures), self._latents, [place] * POSES, self._latents.nbytes
        )

    def _median(self, call: Callable[[], object]) -> float:
        """Seconds of a call that is done when the device is."""
        times: list[float] = []
        for number in range(CALLS + 3):
            self._settle()
            began = time.perf_counter()
            call()
            self._settle()
            times.append(time.perf_counter() - began)
            if sum(times) > LONG_S * 4 and number >= 2:
                break
        return statistics.median(times[1:])

    def _settle(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)


def _batches(metrics: Metrics) -> tuple[float, float]:
    """How many there were, and the pictures in them."""
    samples = {sample.name: sample.value for each in metrics.batch_size.collect() for sample in each.samples}
    return samples["livetalk_batch_size_count"], samples["livetalk_batch_size_sum"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.musetalk", description=__doc__)
    parser.add_argument("--models", type=Path, help="a folder of weights; else full size, random")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--compile", action="store_true", help="through torch.compile: minutes of preparing")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--sessions", type=int, nargs="*", default=[1, 8, 16, 20, 24])
    parser.add_argument("--seconds", type=float, default=20.0, help="of speech in each load")
    args = parser.parse_args(arguments)
    bench = Bench(args.models, find_device(args.device), args.compile)
    device = bench.device()
    tell("device", device)
    batches = [bench.batch(size, device.matrix_tflops) for size in args.batches]
    for batch in batches:
        tell(f"batch of {batch.size}", batch)
    loads = []
    for sessions in args.sessions:
        loads.append(bench.load(sessions, args.seconds))
        tell(f"{sessions} sessions", loads[-1])
    emit({"device": device, "batches": batches, "loads": loads}, str(args.models or "random, full size"))
    return 0


if __name__ == "__main__":
    sys.exit(plainly(main))


__all__ = ["Batch", "Bench", "Device", "Load"]
