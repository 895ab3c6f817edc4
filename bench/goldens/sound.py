"""What MuseTalk hears."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import torch

from bench.goldens.reading import Arrays, Finding, Goldens, exact, near
from livetalk.engines.musetalk import networks
from livetalk.engines.musetalk.hearing import AFTER, BEFORE
from livetalk.engines.musetalk.listening import listen, listen_as_v10
from livetalk.engines.musetalk.mel import SEGMENT_SAMPLES, level, log_mel, padded
from livetalk.engines.musetalk.whisper import TINY

CHUNKS, DIGEST, MEL = 2e-3, 0.15, 2e-4
"""what the manifest allows"""


def _pcm(goldens: Goldens, name: str) -> npt.NDArray[np.int16]:
    """The sound of a vector; of one over 30 s, or of another path, the sound is that of its sibling."""
    arrays = goldens.read(name)
    if "pcm" in arrays:
        return arrays["pcm"]
    stem = name.removesuffix(".npz")
    for path in ("audio_v10legacy_", "audio_livetalking_"):
        stem = stem.replace(path, "audio_v15_")
    if stem.endswith("_31s"):
        pcm = np.resize(goldens.read(stem.removesuffix("_31s") + ".npz")["pcm"], SEGMENT_SAMPLES + 16_000)
        pcm[SEGMENT_SAMPLES:] //= 4
        return pcm
    return goldens.read(stem + ".npz")["pcm"]


def check_digest(goldens: Goldens, name: str) -> list[Finding]:
    """What chunks are measured with: a number for each of a chunk's."""
    return exact("numbers", len(goldens.digest), np.array(networks.TOKENS * TINY.width))


def _samples(pcm: npt.NDArray[np.int16]) -> torch.Tensor:
    return torch.from_numpy(pcm.astype(np.float32) / 32768)


@torch.inference_mode()
def check_v15(goldens: Goldens, name: str) -> list[Finding]:
    """Tokens by version 1.5's rules, at other rates and contexts too."""
    arrays, sound = goldens.read(name), _samples(_pcm(goldens, name))
    chunks = torch.stack(listen(sound, goldens.whisper))
    found = _chunks(goldens, arrays, chunks)
    found += exact("pictures", len(chunks), arrays.get("num_frames_25", arrays.get("num_frames")))
    if "row_digest" in arrays:
        rows = _rows(chunks).numpy().astype(np.float64) @ goldens.digest[: chunks.shape[-1]]
        found.append(near("steps", rows, arrays["row_digest"][: len(rows)], DIGEST))
    if "mel" in arrays:
        mel = level(log_mel(padded(sound[:SEGMENT_SAMPLES])))[:, arrays["mel_cols"]].numpy()
        found.append(near("mel", mel, arrays["mel"], MEL))
    if "digest_fps30" in arrays:
        at_30 = torch.stack(listen(sound, goldens.whisper, 30))
        found += exact("pictures at 30", len(at_30), arrays["num_frames_30"])
        found.append(near("digest at 30", _digest(goldens, at_30), arrays["digest_fps30"], DIGEST))
    if "digest_pad_1_3" in arrays:
        other = torch.stack(listen(sound, goldens.whisper, 25, (1, 3)))
        found.append(near("digest of (1, 3)", _digest(goldens, other), arrays["digest_pad_1_3"], DIGEST))
    return found


@torch.inference_mode()
def check_v10(goldens: Goldens, name: str) -> list[Finding]:
    """Tokens by the rules that 1.0 was published with."""
    arrays = goldens.read(name)
    chunks = listen_as_v10(_samples(_pcm(goldens, name)), goldens.raw)
    return _chunks(goldens, arrays, chunks) + exact("pictures", len(chunks), arrays["num_chunks"])


@torch.inference_mode()
def check_livetalking(goldens: Goldens, name: str) -> list[Finding]:
    """LiveTalking's own stream, which is not ours: shows that what we compare with is what it does."""
    arrays, pcm = goldens.read(name), _pcm(goldens, name)
    batch, beside = int(arrays["batch"]), 10
    silence = np.zeros(320, np.int16)
    source = [*pcm[: len(pcm) // 320 * 320].reshape(-1, 320)]
    queue = itertools.chain(enumerate(source), itertools.repeat((-1, silence)))
    taken = [(-1, silence)] * (2 * beside)  # it warms up on an empty queue
    played = [index for index, _ in taken[beside:]]
    chunks = []
    for _ in range(len(arrays["digest"]) // batch):
        fresh = [*itertools.islice(queue, 2 * batch)]
        played += [index for index, _ in fresh]
        taken = taken[-2 * beside :] + fresh
        window = _samples(np.concatenate([chunk for _, chunk in taken]))
        states = goldens.whisper(level(log_mel(padded(window[None]))))[0]
        places = torch.arange(batch)[:, None] * 2 + beside + torch.arange(10)
        chunks.append(states[places.clamp(0, len(taken) - 1)].flatten(1, 2))
    found = _chunks(goldens, arrays, torch.cat(chunks))
    order = np.array(played[: len(arrays["audio_order"])])
    return [*found, near("order", order, arrays["audio_order"], 0)]


def _chunks(goldens: Goldens, arrays: Arrays, chunks: torch.Tensor) -> list[Finding]:
    expected = arrays["chunks"]
    made = chunks[arrays["frames"][: len(expected)]].numpy()
    found = [near("chunks", made / (1 + np.abs(expected) / 2), expected / (1 + np.abs(expected) / 2), CHUNKS)]
    found.append(near("digest", _digest(goldens, chunks), arrays["digest"], DIGEST))
    return found


def _rows(chunks: torch.Tensor) -> torch.Tensor:
    """(n, 50, width) chunks to the (2n, 5, width) steps that begin with their own pictures."""
    steps = chunks.unflatten(1, (BEFORE + AFTER, -1))  # type: ignore[no-untyped-call]
    own: torch.Tensor = steps[:, BEFORE : BEFORE + 2].flatten(0, 1)
    return own


def _digest(goldens: Goldens, chunks: torch.Tensor) -> npt.NDArray[np.float64]:
    return np.asarray(chunks.flatten(1).numpy().astype(np.float64) @ goldens.digest)


def check_positions(goldens: Goldens, name: str) -> list[Finding]:
    """Sines and cosines, and their sum with tokens."""
    arrays = goldens.read(name)
    places = arrays["rows_idx"]
    table = networks.positions(arrays["rows"].shape[1], int(places.max()) + 1).numpy()
    rows = table[places]
    first, others = places < 100, places >= 100
    return [
        near("rows < 100", rows[first], arrays["rows"][first], 1e-5),
        near("rows beyond", rows[others], arrays["rows"][others], 5e-4),
        near("sum", arrays["x"] + table[: arrays["x"].shape[1]], arrays["y"], 1e-5),
    ]
