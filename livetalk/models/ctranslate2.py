"""Whether a network in CTranslate2's format is whole, by walking over its tensors.

The format is what `ctranslate2/specs/model_spec.py` of the package writes, version 6 of it, little endian:
a version, a name, a revision, a number of tensors; of each a name, a shape, a kind and its bytes; then a
number of other names for them, two names each. Strings begin with their length, their last zero included.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO

KNOWN = 6
"""version"""


def is_ctranslate2(head: bytes) -> bool:
    """Whether a file that begins so is one of that format."""
    if len(head) < 7:
        return False
    version, length = struct.unpack("<IH", head[:6])
    name = head[6 : 6 + length]
    return 0 < version < 100 and name.endswith(b"Spec\0")


def ctranslate2_fault(path: Path) -> str | None:
    """What is wrong with such a file; None where nothing is, or where its version is another one."""
    size = path.stat().st_size
    with path.open("rb") as file:
        try:
            if _number(file, "I") != KNOWN:
                return None
            end = _end(file)
        except (EOFError, OverflowError, ValueError):
            return "it is cut or damaged"
    return None if end == size else f"it has {size} bytes instead of the {end} that it speaks of"


def _end(file: IO[bytes]) -> int:
    """Where the last name ends."""
    _skip_string(file)
    _number(file, "I")  # the revision
    for _ in range(_number(file, "I")):
        _skip_string(file)
        file.seek(4 * _number(file, "B") + 1, 1)
        file.seek(_number(file, "I"), 1)
    for _ in range(_number(file, "I")):
        _skip_string(file)
        _skip_string(file)
    return file.tell()


def _skip_string(file: IO[bytes]) -> None:
    file.seek(_number(file, "H"), 1)


def _number(file: IO[bytes], kind: str) -> int:
    size = struct.calcsize(f"<{kind}")
    content = file.read(size)
    if len(content) < size:
        raise EOFError
    return int(struct.unpack(f"<{kind}", content)[0])


__all__ = ["ctranslate2_fault", "is_ctranslate2"]
