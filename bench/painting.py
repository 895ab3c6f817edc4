"""What painting a mouth costs: `python -m bench.painting [--media DIR]`.

The viseme engine's painters, on one core: the atlas on the default face, what a background behind it adds,
and the warp on the same face and on each picture and clip of `--media`, as they are and once more about the
face at 512x512. Every picture is the next one of the body's loop, so hardly one of a clip's is found
prepared; milliseconds are the thread's own, so that what else runs on the machine counts little. The warp
needs the face networks (`livetalk models download face`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from bench.errors import BenchError
from bench.report import emit, plainly, tell
from livetalk.avatar.bundle import AvatarBundle, open_bundle
from livetalk.avatar.footage import Footage
from livetalk.avatar.manifest import EngineEntry, Manifest
from livetalk.avatar.recipe import Recipe
from livetalk.background import colour
from livetalk.engines.viseme.engine import Painter, VisemeEngine
from livetalk.engines.viseme.preparing import VisemePreparer
from livetalk.engines.viseme.shape import PARAMETERS
from livetalk.face.tracker import Tracker
from livetalk.pipeline.backdrop import Backdrop
from livetalk.protocols import EngineAvatar
from livetalk.types import Picture, Shown

PICTURES = 200
"""that are painted of each face"""
FRAMES = 100
"""of a clip, at most"""
EDGE_PX = 512
FACE_SHARE = 0.13
"""of the picture's height, from nose to chin, where the face is brought to `EDGE_PX`"""
SUFFIXES = {".jpeg", ".jpg", ".png", ".mp4", ".webm", ".mov", ".mkv"}
_WARM = 10
"""first pictures that do not count"""
_NOSE, _CHIN = 2, 152


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one face."""

    size: str
    """of the picture"""
    mouth_px: float
    """its width, 0 where nobody measured it"""
    median_ms: float
    p95_ms: float


def cost(painter: Painter, bundle: AvatarBundle, mouth_px: float = 0.0) -> Cost:
    """Paint all kinds of mouths, each on the next of the body's pictures."""
    shapes = np.random.default_rng(1).random((PICTURES, len(PARAMETERS)), np.float32)
    taken_ms = []
    for pose, shape in enumerate(shapes):
        begin_ns = time.thread_time_ns()
        painter.paint(shape, bundle.fold(pose))
        taken_ms.append((time.thread_time_ns() - begin_ns) / 1e6)
    middle, high = (round(float(each), 2) for each in np.percentile(taken_ms[_WARM:], [50, 95]))
    return Cost(f"{bundle.width}x{bundle.height}", round(mouth_px, 1), middle, high)


def laid(bundle: AvatarBundle, avatar: EngineAvatar) -> Cost:
    """What a background adds, where the avatar was cut out."""
    backdrop, taken_ms = Backdrop(colour("#204080")), []
    for pose in range(PICTURES):
        shown = Shown(bundle.fold(pose))
        picture = bundle.pictures[shown.frame].copy()  # a mouth was painted into it just now
        begin_ns = time.thread_time_ns()
        backdrop.lay(picture, shown, avatar)
        taken_ms.append((time.thread_time_ns() - begin_ns) / 1e6)
    middle, high = (round(float(each), 2) for each in np.percentile(taken_ms[_WARM:], [50, 95]))
    return Cost(f"{bundle.width}x{bundle.height}", 0.0, middle, high)


def warped(engine: VisemeEngine, footage: Footage) -> Cost:
    """What the warp costs on such footage."""
    height, width = footage.height, footage.width
    with tempfile.TemporaryDirectory() as folder:
        entry = VisemePreparer(Path(), "cpu").prepare(footage, Recipe(), Path(folder), lambda _: None)
        bundle = AvatarBundle(
            Path(folder), _manifest(len(footage.pictures), (width, height), entry), footage.pictures
        )
        painter = engine.open_avatar(bundle).painter
    corners = footage.meshes[:, [61, 291], :2]
    return cost(painter, bundle, float(np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1).mean()))


def followed(pictures: list[Picture], models: Path) -> Footage:
    """Pictures and the face in them.

    Raises:
        BenchError: there is none.
        ModelError: the face networks are missing.
    """
    tracker = Tracker(models)
    meshes = [tracker.follow(_colours(picture)) for picture in pictures]
    found = [mesh.points for mesh in meshes if mesh is not None]
    if len(found) < len(meshes):
        raise BenchError(f"a face is seen in {len(found)} of {len(meshes)} pictures")
    return Footage(np.stack(pictures), np.stack(found))


def framed(footage: Footage) -> Footage:
    """The same about the face, `EDGE_PX` wide and high."""
    first = footage.meshes[0, :, :2]
    scale = FACE_SHARE * EDGE_PX / float(np.linalg.norm(first[_CHIN] - first[_NOSE]))
    shift = EDGE_PX / 2 - scale * first.mean(axis=0)
    matrix = np.column_stack((scale * np.eye(2), shift))
    pictures = [_planes(_moved(_colours(picture), matrix)) for picture in footage.pictures]
    meshes = footage.meshes * np.float32(scale)
    meshes[..., :2] += shift.astype(np.float32)
    return Footage(np.stack(pictures), meshes)


def _moved(picture: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    edges = cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpAffine(picture, matrix, (EDGE_PX, EDGE_PX), borderMode=edges), np.uint8)


def _colours(picture: Picture) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_YUV2RGB_I420), np.uint8)


def _planes(picture: npt.NDArray[np.uint8]) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)


def _manifest(frames: int, size: tuple[int, int], entry: EngineEntry) -> Manifest:
    return Manifest(
        schema_version=1,
        id="bench",
        name="Bench",
        width=size[0],
        height=size[1],
        fps=25,
        frames=frames,
        loop="pingpong",
        video="none",
        thumbnail="none",
        source="bench",
        licence="none",
        engines={"viseme": entry},
        checksums={},
    )


def _read(path: Path) -> Iterator[Picture]:
    """Its first pictures, edges even."""
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number == FRAMES:
                return
            rgb = frame.to_ndarray(format="rgb24")
            yield _planes(np.ascontiguousarray(rgb[: len(rgb) // 2 * 2, : rgb.shape[1] // 2 * 2]))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.painting", description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--avatar", type=Path, default=Path("data/avatars/default"))
    parser.add_argument("--media", type=Path, help="a folder of pictures and clips with a face in each")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    engine = VisemeEngine()
    results: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory() as cache:
        bundle = open_bundle(args.avatar, Path(cache))
        results["atlas"] = cost(engine.open_avatar(bundle).painter, bundle)
        results["background"] = laid(bundle, engine.open_avatar(bundle))
        results["warp"] = warped(engine, followed([*bundle.pictures[:FRAMES]], args.models))
    for path in sorted(args.media.iterdir()) if args.media else ():
        if path.suffix in SUFFIXES:
            footage = followed([*_read(path)], args.models)
            results[f"warp, {path.name}"] = warped(engine, footage)
            results[f"warp, {path.name} about the face"] = warped(engine, framed(footage))
    for name, result in results.items():
        tell(name, result)
    emit(results, "painters")
    return 0


if __name__ == "__main__":
    sys.exit(plainly(main))
