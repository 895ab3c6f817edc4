"""Writes the avatar's folder: body loop, mouths, thumbnail, manifest."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from livetalk.avatar.manifest import EngineEntry, Manifest
from livetalk.avatar.matte import grey
from livetalk.engines.viseme.atlas import FORMAT
from livetalk.types import FPS
from scripts.default_avatar.bake import PATCH, forms, mouths
from scripts.default_avatar.canvas import SIZE, Plane, shrink
from scripts.default_avatar.motion import FRAMES, pose
from scripts.default_avatar.scene import Scene

VIDEO, MATTE, MOUTHS, THUMBNAIL = "body.mp4", "matte.mp4", "mouths.safetensors", "thumbnail.jpg"


def write(folder: Path) -> None:
    """Draw everything and write it into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    scene = Scene.draw()
    first = shrink(scene.picture(pose(0))[..., :3])
    cv2.imwrite(str(folder / THUMBNAIL), first[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    body = (i420(shrink(scene.picture(pose(frame))[..., :3])) for frame in range(FRAMES))
    (folder / VIDEO).write_bytes(encode(body, (SIZE, SIZE), crf=9, keyframes=FRAMES))
    mattes = (grey(shrink(scene.opacity(pose(frame)))) for frame in range(FRAMES))
    (folder / MATTE).write_bytes(encode(mattes, (SIZE, SIZE), crf=12, keyframes=FRAMES))
    left, top, right, bottom = PATCH
    size = (right - left, 2 * (bottom - top))
    baked = (stacked(color, opacity) for color, opacity in mouths(scene))
    tensors: dict[str, npt.NDArray[Any]] = {
        "forms": forms(),
        "affine": np.stack([pose(frame).head for frame in range(FRAMES)]).astype(np.float32),
        "corner": np.array((left, top), np.int32),
        "video": np.frombuffer(encode(baked, size, crf=8, keyframes=50), np.uint8),
    }
    (folder / MOUTHS).write_bytes(save(tensors, metadata=FORMAT))
    _write_manifest(folder)


def i420(picture: Plane) -> Plane:
    """RGB (h, w, 3) as I420 (h * 3 // 2, w), BT.601, limited range."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)


def stacked(color: Plane, opacity: Plane) -> Plane:
    """A mouth over its opacity, as one I420 picture."""
    rows, columns = opacity.shape
    planes = i420(color)
    chroma = np.full((2, rows, columns // 2), 128, np.uint8)
    chroma[:, : rows // 2] = planes[rows:].reshape(2, rows // 2, columns // 2)
    return np.vstack((planes[:rows], opacity, chroma.reshape(rows, columns)))


def encode(pictures: Iterable[Plane], size: tuple[int, int], *, crf: int, keyframes: int) -> bytes:
    """I420 pictures as an MP4 of H264; the same pictures give the same bytes."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = keyframes
        # all kinds of frames equally fine, so that the picture does not pulse at the loop's key frame
        equal = {"preset": "slow", "crf": str(crf), "x264-params": "ipratio=1:pbratio=1"}
        stream.codec_context.options = {**equal, "flags": "+bitexact+cgop"}
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def _write_manifest(folder: Path) -> None:
    manifest = Manifest(
        schema_version=1,
        id=folder.name,
        name="Mira",
        width=SIZE,
        height=SIZE,
        fps=25,
        frames=FRAMES,
        loop="cycle",
        video=VIDEO,
        matte=MATTE,
        thumbnail=THUMBNAIL,
        source="drawn by scripts/make_default_avatar.py; shows no real person",
        licence="the same as livetalk's",
        engines={"viseme": EngineEntry(kind="atlas", file=MOUTHS)},
        checksums={
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in (VIDEO, MATTE, MOUTHS, THUMBNAIL)
        },
    )
    (folder / "avatar.json").write_text(manifest.model_dump_json(indent=2) + "\n")
