from __future__ import annotations

import struct
from pathlib import Path

import pytest

from livetalk.models.intact import fault


def text(content: str) -> bytes:
    return struct.pack("<H", len(content) + 1) + content.encode() + b"\0"


def network(version: int = 6) -> bytes:
    """Two tensors and another name for one of them, as CTranslate2's package writes them."""
    head = struct.pack("<I", version) + text("WhisperSpec") + struct.pack("<II", 3, 2)
    weight = text("decoder/weight") + struct.pack("<BIIBI", 2, 3, 4, 4, 24) + bytes(24)
    flag = text("decoder/pre_norm") + struct.pack("<BBI", 0, 1, 1) + b"\1"
    return head + weight + flag + struct.pack("<I", 1) + text("projection") + text("decoder/weight")


def test_a_whole_network_has_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(network())
    assert fault(path, ".bin") is None


@pytest.mark.parametrize("left", [19, 40, 75, -30, -1])
def test_a_network_that_is_cut_is_told(tmp_path: Path, left: int) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(network()[:left])
    assert fault(path, ".bin") is not None


def test_a_network_with_something_behind_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(network() + b"more")
    assert (
        fault(path, ".bin")
        == f"it has {len(network()) + 4} bytes instead of the {len(network())} that it speaks of"
    )


def test_another_version_of_the_format_is_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(network(version=7)[:40])
    assert fault(path, ".bin") is None


def test_a_vocabulary_is_a_list_or_lines(tmp_path: Path) -> None:
    listed, lines = tmp_path / "vocabulary.json", tmp_path / "vocabulary.txt"
    listed.write_text('["a", "b"]')
    lines.write_text("a\nb\n")
    assert fault(listed, ".json") is None
    assert fault(lines, ".txt") is None
    listed.write_text('{"a": 1}')
    lines.write_bytes(b"PK\3\4\0\0")
    assert fault(listed, ".json") == "it is no vocabulary"
    assert fault(lines, ".txt") == "it is no text"
