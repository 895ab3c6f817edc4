"""An avatar folder of MuseTalk's or LiveTalking's made into a bundle."""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2

from livetalk.avatar.bundle import AVATAR_ID, AvatarBundle, EngineEntry
from livetalk.avatar.foreign import ENGINE, open_foreign
from livetalk.engines.musetalk.folders import read_folder
from livetalk.engines.musetalk.prepared import Prepared, write_prepared
from livetalk.errors import AvatarError
from livetalk.types import FPS, Picture

VIDEO, LATENTS, THUMBNAIL = "body.mp4", "musetalk.safetensors", "thumbnail.jpg"
CRF = 12
"""x264's quality of the body: fine enough that the blend's edge does not show"""


def import_folder(folder: Path, target: Path, cache: Path, version: str | None = None) -> None:
    """Make the bundle `target` of a folder; its name becomes the avatar's id.

    Args:
        folder: as MuseTalk or LiveTalking made it.
        target: must not exist.
        cache: where the folder's decoded pictures are kept.
        version: of the networks it was made for, where the folder does not tell; else 1.5.

    Raises:
        AvatarError: the folder is damaged, or the name is taken or no id.
    """
    if not AVATAR_ID.fullmatch(target.name):
        raise AvatarError(f"{target.name!r} cannot be an avatar's id: letters, digits, - and _ only")
    if not folder.is_dir():
        raise AvatarError(f"there is no folder {folder}; name one that MuseTalk or LiveTalking made")
    if target.exists():
        raise AvatarError(f"{target} is there already; delete it, or choose another id")
    found = read_folder(folder)
    if version and found.version and version != found.version:
        raise AvatarError(f"{folder} says that it was made for {found.version}, not {version}")
    bundle = open_foreign(folder, cache, target.name)
    places = found.places((bundle.width, bundle.height))
    prepared = Prepared(version or found.version or "v15", found.latents, places)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=target.parent, prefix=".import-"))
    try:
        _write(made, bundle, prepared)
        made.chmod(0o755)
        made.rename(target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _write(folder: Path, bundle: AvatarBundle, prepared: Prepared) -> None:
    (folder / VIDEO).write_bytes(_encode(bundle.pictures, (bundle.width, bundle.height)))
    write_prepared(folder / LATENTS, prepared)
    cv2.imwrite(str(folder / THUMBNAIL), cv2.cvtColor(bundle.pictures[0], cv2.COLOR_YUV2BGR_I420))
    names = (VIDEO, LATENTS, THUMBNAIL)
    manifest = bundle.manifest.model_copy(
        update={
            "video": VIDEO,
            "thumbnail": THUMBNAIL,
            "engines": {ENGINE: EngineEntry(kind="latents", file=LATENTS)},
            "checksums": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
        }
    )
    (folder / "avatar.json").write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _encode(pictures: Iterable[Picture], size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.options = {"preset": "fast", "crf": str(CRF)}
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


__all__ = ["import_folder"]
