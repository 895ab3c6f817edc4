"""Whether a file can be what its name says, found without loading it: cut, damaged, or something else."""

from __future__ import annotations

import errno
import hashlib
import json
import pickletools
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from safetensors import SafetensorError, safe_open

from livetalk.models.ctranslate2 import ctranslate2_fault, is_ctranslate2
from livetalk.models.progress import Watch

BLOCK = 1 << 20
HEAD = 200
MOST_HEADER = 100_000_000
"""bytes; what the safetensors library reads at most"""
MAKERS = ("torch", "collections", "numpy", "_codecs")
"""packages that checkpoints ask for, to make tensors"""


def sha256_of(path: Path, watch: Watch) -> str:
    """The file's sum, as the hub writes it."""
    size, digest = path.stat().st_size, hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            watch(f"checking {path.name.removesuffix('.part')}", file.tell(), size)
    return digest.hexdigest()


def fault(path: Path, kind: str, watch: Watch | None = None) -> str | None:
    """What keeps a file from being a description or weights; None where nothing does.

    Args:
        path: the file.
        kind: the ending of its true name, as `.json`.
        watch: where given, all that has sums of its own is read and compared; else its ends alone.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return "it is empty"
    if head.startswith(b"version https://git-lfs"):
        return "it is a pointer of Git LFS, not the file itself"
    if head.lstrip()[:1] == b"<":
        return "it is a web page"
    if kind == ".json":
        return _json_fault(path)
    if kind == ".safetensors":
        return _safetensors_fault(path)
    if kind == ".txt":
        return None if b"\0" not in head else "it is no text"
    if kind == ".tflite":
        return None if head[4:8] == b"TFL3" else "it is no TensorFlow Lite network"
    if is_ctranslate2(head):
        return ctranslate2_fault(path)
    if not head.startswith(b"PK"):
        return "it is no checkpoint, or one of torch's old format, whose end cannot be told"
    return _zip_fault(path, watch)


def _json_fault(path: Path) -> str | None:
    try:
        made = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return "it is damaged, or no JSON"
    if path.name.startswith("vocabulary."):
        return None if isinstance(made, list) else "it is no vocabulary"
    return None if isinstance(made, dict) else "it is no network's description"


def _safetensors_fault(path: Path) -> str | None:
    """Its header says where each tensor ends, so the last one tells how long the file is."""
    with path.open("rb") as file:
        size = path.stat().st_size
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else MOST_HEADER + 1
        if length > min(MOST_HEADER, size - 8):
            return "it is cut, or no safetensors file"
        try:
            header = json.loads(file.read(length))
            ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
            whole = 8 + length + max(ends, default=0)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return "it is no safetensors file"
    if size != whole:
        return f"it has {size} bytes instead of the {whole} that it speaks of"
    try:
        with safe_open(str(path), framework="np"):
            return None
    except SafetensorError:  # sizes or kinds of numbers that do not fit together
        return "its list of tensors is damaged"


def _zip_fault(path: Path, watch: Watch | None) -> str | None:
    """Checkpoints are zip archives: a list at the end, and a sum for each tensor."""
    try:
        with zipfile.ZipFile(path) as archive:
            if (stranger := _stranger(archive)) is not None:
                return f"it would run {stranger} when it is loaded; nothing of it was run"
            if watch is not None:
                _compare_sums(archive, f"checking {path.name}", watch)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        return "it is cut or damaged"
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # the disk's; these come of damaged places and streams
            raise
        return "it is cut or damaged"
    return None


def _stranger(archive: zipfile.ZipFile) -> str | None:
    """What its pickle asks for that no tensor is made with, as far as that shows in an unloaded one."""
    for member in archive.infolist():
        if member.filename.endswith("/data.pkl") and member.file_size <= MOST_HEADER:
            for name in _asked_for(archive.read(member)):
                if name.partition(".")[0] not in MAKERS:
                    return name
    return None


def _asked_for(pickled: bytes) -> Iterator[str]:
    """The functions and classes that a pickle of torch's usual protocol names, read without loading it."""
    for code, found, _ in pickletools.genops(pickled):
        if code.name == "GLOBAL":
            yield str(found).replace(" ", ".")


def _compare_sums(archive: zipfile.ZipFile, label: str, watch: Watch) -> None:
    members = archive.infolist()
    size, done = sum(member.file_size for member in members), 0
    for member in members:
        with archive.open(member) as file:
            while block := file.read(BLOCK):
                done += len(block)
                watch(label, done, size)


__all__ = ["fault", "sha256_of"]
