"""Our MuseTalk against the reference's own outputs: `python -m bench.musetalk_goldens DIR [--models DIR]`.

DIR holds `manifest.json` beside `.npz` files. Prints a line for each vector and last `N passed, N failed, N
skipped`; the status is 1 when one failed. Vectors are told apart by the beginnings of their names, so that
another folder of the same kind is checked as well.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import torch

from bench.errors import BenchError
from livetalk.avatar.bundle import mirrored
from livetalk.avatar.foreign import read_picture
from livetalk.engines.musetalk import boxes, masks, networks
from livetalk.engines.musetalk.blend import blend, mix, resize_face
from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.folders import read_folder
from livetalk.engines.musetalk.listening import listen, listen_as_v10
from livetalk.engines.musetalk.masks import Cheeks
from livetalk.engines.musetalk.mel import SEGMENT_SAMPLES, level, log_mel, padded
from livetalk.engines.musetalk.whisper import WhisperEncoder
from livetalk.errors import LivetalkError
from livetalk.render.plan import plan

Arrays: TypeAlias = dict[str, npt.NDArray[Any]]

CHUNKS, DIGEST, MEL, LATENTS = 2e-3, 0.15, 2e-4, 2e-3


class Skipped(Exception):
    """This vector cannot be checked here; the message says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison."""

    what: str
    error: float
    allowed: float

    @property
    def fine(self) -> bool:
        """Whether it is within its tolerance."""
        return self.error <= self.allowed


class Goldens:
    """A folder of vectors, and the networks they were made with."""

    def __init__(self, folder: Path, models: Path) -> None:
        self.folder = folder
        self.models = models
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))

    def read(self, name: str) -> Arrays:
        """All arrays of a vector."""
        path = self.folder / name
        if not path.is_file():
            raise Skipped(f"{name} is not in this folder")
        with np.load(path) as arrays:
            return {key: arrays[key] for key in arrays.files}

    @cached_property
    def digest(self) -> npt.NDArray[np.float64]:
        """What chunks are multiplied with."""
        return self.read("digest_vec.npz")["v"].astype(np.float64)

    @cached_property
    def whisper(self) -> WhisperEncoder:
        """The encoder."""
        return networks.load_whisper(self.models)

    @cached_property
    def vae(self) -> torch.nn.Module:
        """The autoencoder."""
        return networks.load_vae(self.models)

    def unet(self, version: str) -> torch.nn.Module:
        """A version's UNet."""
        return networks.load_unet(self.models, version)

    def raw(self, mel: torch.Tensor) -> torch.Tensor:
        """The encoder without its last norm, as MuseTalk 1.0 had it."""
        states: torch.Tensor = self.whisper(mel, normed=False)
        return states


def main() -> int:
    """Check a folder."""
    parser = argparse.ArgumentParser(prog="bench.musetalk_goldens", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=Path, help="default: tiny_models beside the folder")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    goldens = Goldens(asked.folder, asked.models or asked.folder.parent / "tiny_models")
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for name in sorted(goldens.manifest["files"]):
        result, told = check(goldens, name)
        counts[result] += 1
        print(f"{result:7} {name}: {told}", flush=True)
    print(", ".join(f"{count} {result}" for result, count in counts.items()))
    return int(counts["failed"] > 0)


def check(goldens: Goldens, name: str) -> tuple[str, str]:
    """Check one vector: "passed", "failed" or "skipped", and what was found."""
    try:
        found = _checker(name)(goldens, name)
    except Skipped as reason:
        return "skipped", str(reason)
    except (LivetalkError, BenchError, KeyError, ValueError, RuntimeError) as error:
        return "failed", f"{type(error).__name__}: {error}"
    told = ", ".join(f"{one.what} {one.error:.2g} (<= {one.allowed:g})" for one in found)
    return ("passed" if all(one.fine for one in found) else "failed"), told


def _checker(name: str) -> Callable[[Goldens, str], list[Finding]]:
    for beginning, checker in CHECKERS.items():
        if name.startswith(beginning):
            return checker
    raise Skipped("nothing here knows this kind of vector")


# -- sound ----------------------------------------------------------------------------------------


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


def _samples(pcm: npt.NDArray[np.int16]) -> torch.Tensor:
    return torch.from_numpy(pcm.astype(np.float32) / 32768)


@torch.inference_mode()
def _audio_v15(goldens: Goldens, name: str) -> list[Finding]:
    arrays, sound = goldens.read(name), _samples(_pcm(goldens, name))
    chunks = torch.stack(listen(sound, goldens.whisper))
    found = _chunks(goldens, arrays, chunks)
    found += _exact("pictures", len(chunks), arrays.get("num_frames_25", arrays.get("num_frames")))
    if "mel" in arrays:
        mel = level(log_mel(padded(sound[:SEGMENT_SAMPLES])))[:, arrays["mel_cols"]].numpy()
        found.append(_near("mel", mel, arrays["mel"], MEL))
    if "digest_fps30" in arrays:
        at_30 = torch.stack(listen(sound, goldens.whisper, 30))
        found += _exact("pictures at 30", len(at_30), arrays["num_frames_30"])
        found.append(_near("digest at 30", _digest(goldens, at_30), arrays["digest_fps30"], DIGEST))
    if "digest_pad_1_3" in arrays:
        other = torch.stack(listen(sound, goldens.whisper, 25, (1, 3)))
        found.append(_near("digest of (1, 3)", _digest(goldens, other), arrays["digest_pad_1_3"], DIGEST))
    return found


@torch.inference_mode()
def _audio_v10(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    chunks = listen_as_v10(_samples(_pcm(goldens, name)), goldens.raw)
    return _chunks(goldens, arrays, chunks) + _exact("pictures", len(chunks), arrays["num_chunks"])


@torch.inference_mode()
def _audio_livetalking(goldens: Goldens, name: str) -> list[Finding]:
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
    return [*found, _near("order", order, arrays["audio_order"], 0)]


def _chunks(goldens: Goldens, arrays: Arrays, chunks: torch.Tensor) -> list[Finding]:
    expected = arrays["chunks"]
    made = chunks[arrays["frames"][: len(expected)]].numpy()
    found = [
        _near("chunks", made / (1 + np.abs(expected) / 2), expected / (1 + np.abs(expected) / 2), CHUNKS)
    ]
    found.append(_near("digest", _digest(goldens, chunks), arrays["digest"], DIGEST))
    return found


def _digest(goldens: Goldens, chunks: torch.Tensor) -> npt.NDArray[np.float64]:
    return np.asarray(chunks.flatten(1).numpy().astype(np.float64) @ goldens.digest)


def _positions(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    places = arrays["rows_idx"]
    table = networks.positions(arrays["rows"].shape[1], int(places.max()) + 1).numpy()
    rows = table[places]
    near, far = places < 100, places >= 100
    return [
        _near("rows < 100", rows[near], arrays["rows"][near], 1e-5),
        _near("rows beyond", rows[far], arrays["rows"][far], 5e-4),
        _near("sum", arrays["x"] + table[: arrays["x"].shape[1]], arrays["y"], 1e-5),
    ]


# -- networks -------------------------------------------------------------------------------------


@torch.inference_mode()
def _vae(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    size = (networks.FACE_PX, networks.FACE_PX)
    resized = cv2.resize(arrays["crop_bgr"], size, interpolation=cv2.INTER_LANCZOS4)
    picture = torch.from_numpy(resized[..., ::-1].copy()).permute(2, 0, 1)[None].float() / 255
    latents = networks.encode_face(goldens.vae, picture)
    found = [
        _near("resized", resized, arrays["resized_bgr"], 1),
        _near("latents", latents.numpy(), arrays["latents_mode"], LATENTS),
        _near("latents, sampled", latents.numpy(), arrays["latents_sample"], 2 * LATENTS),
    ]
    if "roundtrip_bgr" in arrays:
        found += _picture(
            "decoded", networks.decode_face(goldens.vae, latents[:, 4:])[0], arrays["roundtrip_bgr"], 2
        )
    return found


@torch.inference_mode()
def _unet(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    tokens = torch.from_numpy(arrays["audio_raw"])
    unet = goldens.unet("v10" if name.startswith("unet_v10") else "v15")
    latents = networks.predict(
        unet, torch.from_numpy(arrays["latents_in"]), tokens + networks.positions(tokens.shape[-1])
    )
    faces = networks.decode_face(goldens.vae, latents).numpy()
    found = [_near("latents", latents.numpy(), arrays["latents_out"], LATENTS)]
    found += _picture("face", faces[0], arrays["frame0_bgr"], 3)
    means = faces.reshape(len(faces), -1, 3).mean(axis=1)
    return [*found, _near("means", means, arrays["frames_mean"], 0.1)]


# -- faces ----------------------------------------------------------------------------------------


def _landmarks(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    found = []
    for key in (key for key in arrays if key.startswith("bbox_shift_")):
        shift = int(key.removeprefix("bbox_shift_"))
        made = [
            (0, 0, 0, 0) if np.isnan(detection).any() else boxes.face_box(points, detection, shift)
            for points, detection in zip(arrays["keypoints68"], arrays["detections"], strict=True)
        ]
        found.append(_near(f"shift {shift}", np.array(made), arrays[key], 0))
    return found


def _crops(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    found = []
    for key, expand in (("crop_15", 1.5), ("crop_12", 1.2)):
        made = [boxes.crop_box(_box(box), expand) for box in arrays["boxes"]]
        found.append(_near(f"expand {expand}", np.array(made), arrays[key], 0))
    return found


def _parsing(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    found = []
    for key in (key for key in arrays if key.startswith("parsing_")):
        mode, *widths = key.removeprefix("parsing_").split("_")
        made = masks.parse(arrays["label_map"], _mode(mode), Cheeks(*(int(width) for width in widths)))
        found.append(_near(mode, made, arrays[key], 0))
    return found


def _masks(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    notes = goldens.manifest["files"][name]["notes"]
    cases, _ = json.JSONDecoder().raw_decode(notes[notes.index("[[") :])
    worst, mean, moved = 0.0, 0.0, 0.0
    for number, (box, mode, widths, *more) in enumerate(cases):
        options = dict(pair.split("=") for pair in more[0].split()) if more else {}
        parsed = masks.parse(arrays["label_map"], _mode(mode), Cheeks(*widths))
        upper, expand = float(options.get("upper_boundary_ratio", 0.5)), float(options.get("expand", 1.5))
        made, around = masks.blend_mask(parsed, _box(box), upper=upper, expand=expand)
        difference = np.abs(made.astype(int) - arrays[f"mask_{number}"])
        worst, mean = max(worst, float(difference.max())), max(mean, float(difference.mean()))
        moved = max(moved, float(np.abs(np.array(around) - arrays[f"crop_box_{number}"]).max()))
    return [Finding("masks", worst, 2), Finding("mean", mean, 0.05), Finding("crop boxes", moved, 0)]


def _blend(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    frame, box, around, seen = (
        arrays["frame_bgr"],
        *(_box(arrays[key]) for key in ("bbox", "crop_box", "roi")),
    )
    face = resize_face(arrays["face_256_bgr"], box)
    made = _cut(blend(frame, face, box, arrays["mask"], around), seen)
    found = [_near("face", face, arrays["face_resized_bgr"], 1)]
    found.append(_near("real time", made, arrays["roi_out_realtime_pil"], 0))
    if "roi_out_livetalking_cv2" in arrays:
        found.append(_near("LiveTalking", made, arrays["roi_out_livetalking_cv2"], 1))
    labels = goldens.read("parsing_modes.npz")["label_map"]
    mask, _ = masks.blend_mask(masks.parse(labels, "jaw"), box, masks.BLUR_OFFLINE)
    offline = _cut(blend(frame, face, box, mask, around), seen)
    return [*found, _near("offline", offline, arrays["roi_out_offline_get_image"], 2)]


def _paste(goldens: Goldens, name: str) -> list[Finding]:
    """Old values 0, 17 ... 255 by new ones 0, 15 ... 255 by all of the mask."""
    old, new, mask = (np.arange(0, 256, step, dtype=np.uint8) for step in (17, 15, 1))
    made = mix(new[None, :, None], old[:, None, None], mask[None, None])
    return [_near("mixed", made, goldens.read(name)["out"], 0)]


def _mirror(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    places = range(arrays["index"].shape[1])
    made = [[mirrored(int(size), place) for place in places] for size in arrays["sizes"]]
    return [_near("entries", made, arrays["index"], 0)]


def _batches(goldens: Goldens, name: str) -> list[Finding]:
    rows = goldens.read(name)["rows"]
    made = []
    for latents, pictures, batch, delay in dict.fromkeys(tuple(int(n) for n in row[:4]) for row in rows):
        for number, poses in enumerate(plan(pictures, batch, delay)):
            case = (latents, pictures, batch, delay, number)
            made += [(*case, pose - delay, pose % latents) for pose in poses]
    return [_near("places", np.array(made), rows, 0)]


def _not_ours(goldens: Goldens, name: str) -> list[Finding]:
    raise Skipped(NOT_OURS[name.removesuffix(".npz")])


def _avatar(goldens: Goldens, name: str) -> list[Finding]:
    arrays = goldens.read(name)
    folder = read_folder(goldens.folder / "avatar_livetalking_syn")
    pasted = 0.0
    made_boxes = []
    for place, (box, around) in enumerate(zip(folder.boxes, folder.around, strict=True)):
        frame, mask = read_picture(folder.pictures[place]), read_picture(folder.masks[place], grey=True)
        made = blend(frame, resize_face(arrays["face256"][place], box), box, mask, around)
        pasted = max(pasted, float(np.abs(made.astype(int) - arrays["pasted"][place]).max()))
        raw = boxes.face_box(arrays["landmarks68"][place], np.zeros(4))
        made_boxes.append(boxes.with_margin(raw, frame.shape[0]))
    return [
        _near("boxes", np.array(folder.boxes), arrays["coords"], 0),
        _near("boxes of landmarks", np.array(made_boxes), arrays["coords"], 0),
        _near("crop boxes", np.array(folder.around), arrays["mask_coords"], 0),
        _near("latents", folder.latents.float().numpy(), arrays["latents"], 0),
        Finding("pasted", pasted, 1),
    ]


# -- comparing ------------------------------------------------------------------------------------


def _near(what: str, made: npt.ArrayLike, expected: npt.ArrayLike, allowed: float) -> Finding:
    one, other = np.asarray(made, np.float64), np.asarray(expected, np.float64)
    if one.shape != other.shape:
        raise BenchError(f"{what}: shape {one.shape} instead of {other.shape}")
    return Finding(what, float(np.abs(one - other).max(initial=0)), allowed)


def _exact(what: str, made: int, expected: npt.NDArray[Any] | None) -> list[Finding]:
    return [] if expected is None else [Finding(what, abs(made - int(expected)), 0)]


def _picture(
    what: str, made: torch.Tensor | npt.NDArray[Any], expected: npt.NDArray[Any], worst: float
) -> list[Finding]:
    difference = np.abs(np.asarray(made).astype(int) - expected)
    return [
        Finding(what, float(difference.max()), worst),
        Finding(f"{what}, mean", float(difference.mean()), 0.05),
    ]


def _box(edges: Any) -> Box:
    return Box(*(int(edge) for edge in edges))


def _cut(picture: npt.NDArray[np.uint8], box: Box) -> npt.NDArray[np.uint8]:
    return picture[box.top : box.bottom, box.left : box.right]


def _mode(name: str) -> masks.Mode:
    if name not in ("raw", "neck", "jaw"):
        raise BenchError(f"no parsing mode {name!r}")
    return name  # type: ignore[return-value]


CHECKERS: dict[str, Callable[[Goldens, str], list[Finding]]] = {
    "audio_v15": _audio_v15,
    "audio_v10legacy": _audio_v10,
    "audio_livetalking": _audio_livetalking,
    "positional_encoding": _positions,
    "vae_": _vae,
    "unet_": _unet,
    "landmark_bbox": _landmarks,
    "crop_boxes": _crops,
    "parsing_modes": _parsing,
    "masks": _masks,
    "blend_": _blend,
    "pil_paste": _paste,
    "mirror_index": _mirror,
    "avatar_expect": _avatar,
    "digest_vec": _not_ours,
    "datagen_batches": _batches,
    "livetalking_schedule": _not_ours,
}
"""beginning of the name -> its check"""
NOT_OURS = {
    "digest_vec": "the others are measured with it",
    "livetalking_schedule": "LiveTalking's schedule of pictures, in place of which there is Playout",
}

if __name__ == "__main__":
    sys.exit(main())
