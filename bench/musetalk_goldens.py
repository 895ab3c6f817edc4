"""Our MuseTalk against the reference's own outputs: `python -m bench.musetalk_goldens DIR [--models DIR]`.

DIR holds `manifest.json` beside `.npz` files. Prints a line for each vector and last `N passed, N failed, N
skipped`; the status is 1 when one failed. Vectors are told apart by the beginnings of their names, so that
another folder of the same kind is checked as well.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import torch

from bench.errors import BenchError
from bench.goldens import drawing, faces, schedule, sound
from bench.goldens.reading import Finding, Goldens, Skipped
from bench.report import plainly
from livetalk.errors import LivetalkError

Check = Callable[[Goldens, str], list[Finding]]

CHECKS: dict[str, Check] = {
    "audio_v15": sound.check_v15,
    "audio_v10legacy": sound.check_v10,
    "audio_livetalking": sound.check_livetalking,
    "positional_encoding": sound.check_positions,
    "vae_": drawing.check_vae,
    "unet_": drawing.check_unet,
    "landmark_bbox": faces.check_landmarks,
    "crop_boxes": faces.check_crops,
    "parsing_modes": faces.check_parsing,
    "masks": faces.check_masks,
    "blend_": faces.check_blend,
    "pil_paste": faces.check_mix,
    "avatar_expect": faces.check_avatar,
    "mirror_index": schedule.check_mirror,
    "datagen_batches": schedule.check_batches,
    "livetalking_schedule": schedule.check_schedule,
    "digest_vec": sound.check_digest,
}
"""beginning of the name -> its check"""


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
        found = _check_of(name)(goldens, name)
    except Skipped as reason:
        return "skipped", str(reason)
    except (LivetalkError, BenchError, LookupError, TypeError, ValueError, RuntimeError, OSError) as error:
        return "failed", f"{type(error).__name__}: {error}"
    told = ", ".join(f"{one.what} {one.error:.2g} (<= {one.allowed:g})" for one in found)
    return ("passed" if all(one.fine for one in found) else "failed"), told


def _check_of(name: str) -> Check:
    for beginning, found in CHECKS.items():
        if name.startswith(beginning):
            return found
    raise Skipped("nothing here knows this kind of vector")


if __name__ == "__main__":
    sys.exit(plainly(main))
