"""Where the face is, how it is laid into the picture, and avatars that others prepared."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.errors import BenchError
from bench.goldens.reading import Finding, Goldens, near
from livetalk.avatar.foreign import read_picture
from livetalk.engines.musetalk import boxes, masks
from livetalk.engines.musetalk.blend import blend, mix, resize_face
from livetalk.engines.musetalk.boxes import Box
from livetalk.engines.musetalk.folders import read_folder
from livetalk.engines.musetalk.masks import Cheeks


def check_landmarks(goldens: Goldens, name: str) -> list[Finding]:
    """Boxes of landmarks, at several shifts."""
    arrays = goldens.read(name)
    found = []
    for key in (key for key in arrays if key.startswith("bbox_shift_")):
        shift = int(key.removeprefix("bbox_shift_"))
        made = [
            (0, 0, 0, 0) if np.isnan(detection).any() else boxes.face_box(points, detection, shift)
            for points, detection in zip(arrays["keypoints68"], arrays["detections"], strict=True)
        ]
        found.append(near(f"shift {shift}", np.array(made), arrays[key], 0))
    return found


def check_crops(goldens: Goldens, name: str) -> list[Finding]:
    """Boxes of what is redrawn around a face."""
    arrays = goldens.read(name)
    found = []
    for key, expand in (("crop_15", 1.5), ("crop_12", 1.2)):
        made = [boxes.crop_box(_box(box), expand) for box in arrays["boxes"]]
        found.append(near(f"expand {expand}", np.array(made), arrays[key], 0))
    return found


def check_parsing(goldens: Goldens, name: str) -> list[Finding]:
    """Which parts of a parsed face are redrawn."""
    arrays = goldens.read(name)
    found = []
    for key in (key for key in arrays if key.startswith("parsing_")):
        mode, *widths = key.removeprefix("parsing_").split("_")
        made = masks.parse(arrays["label_map"], _mode(mode), Cheeks(*(int(width) for width in widths)))
        found.append(near(mode, made, arrays[key], 0))
    return found


def check_masks(goldens: Goldens, name: str) -> list[Finding]:
    """Masks and where they lie."""
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


def check_blend(goldens: Goldens, name: str) -> list[Finding]:
    """Faces laid into pictures, by each of the reference's ways."""
    arrays = goldens.read(name)
    frame, box, around, seen = (
        arrays["frame_bgr"],
        *(_box(arrays[key]) for key in ("bbox", "crop_box", "roi")),
    )
    face = resize_face(arrays["face_256_bgr"], box)
    made = _cut(blend(frame, face, box, arrays["mask"], around), seen)
    found = [near("face", face, arrays["face_resized_bgr"], 1)]
    found.append(near("real time", made, arrays["roi_out_realtime_pil"], 0))
    if "roi_out_livetalking_cv2" in arrays:
        found.append(near("LiveTalking", made, arrays["roi_out_livetalking_cv2"], 1))
    labels = goldens.read("parsing_modes.npz")["label_map"]
    mask, _ = masks.blend_mask(masks.parse(labels, "jaw"), box, masks.BLUR_OFFLINE)
    offline = _cut(blend(frame, face, box, mask, around), seen)
    return [*found, near("offline", offline, arrays["roi_out_offline_get_image"], 2)]


def check_mix(goldens: Goldens, name: str) -> list[Finding]:
    """Old values 0, 17 ... 255 by new ones 0, 15 ... 255 by all of the mask."""
    old, new, mask = (np.arange(0, 256, step, dtype=np.uint8) for step in (17, 15, 1))
    made = mix(new[None, :, None], old[:, None, None], mask[None, None])
    return [near("mixed", made, goldens.read(name)["out"], 0)]


def check_avatar(goldens: Goldens, name: str) -> list[Finding]:
    """A prepared folder: what is read of it, and what is pasted by it."""
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
        near("boxes", np.array(folder.boxes), arrays["coords"], 0),
        near("boxes of landmarks", np.array(made_boxes), arrays["coords"], 0),
        near("crop boxes", np.array(folder.around), arrays["mask_coords"], 0),
        near("latents", folder.latents.float().numpy(), arrays["latents"], 0),
        Finding("pasted", pasted, 1),
    ]


def _box(edges: Any) -> Box:
    return Box(*(int(edge) for edge in edges))


def _cut(picture: npt.NDArray[np.uint8], box: Box) -> npt.NDArray[np.uint8]:
    return picture[box.top : box.bottom, box.left : box.right]


def _mode(name: str) -> masks.Mode:
    if name not in ("raw", "neck", "jaw"):
        raise BenchError(f"no parsing mode {name!r}")
    return name  # type: ignore[return-value]
