from __future__ import annotations

import hashlib
import json
import os
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from livetalk.models.intact import fault, sha256_of


class Steps:
    """A watch that remembers."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int]] = []

    def __call__(self, label: str, done: int, size: int) -> None:
        self.told.append((label, done, size))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.save({"weight": torch.arange(100_000.0), "bias": torch.zeros(3)}, tmp_path / "unet.pth")
    return tmp_path / "unet.pth"


@pytest.fixture
def safetensors(tmp_path: Path) -> Path:
    save_file({"weight": torch.arange(1000.0)}, tmp_path / "unet.safetensors", metadata={"format": "pt"})
    return tmp_path / "unet.safetensors"


def test_the_sum_is_sha256_and_the_way_to_it_is_told(checkpoint: Path) -> None:
    steps = Steps()
    content = checkpoint.read_bytes()
    assert sha256_of(checkpoint, steps) == hashlib.sha256(content).hexdigest()
    assert steps.told[-1] == ("checking unet.pth", len(content), len(content))


def test_whole_files_have_no_fault(checkpoint: Path, safetensors: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"act_fn": "silu"}')
    for path in (checkpoint, safetensors, tmp_path / "config.json"):
        assert fault(path, path.suffix, Steps()) is None
        assert fault(path, path.suffix) is None


@pytest.mark.parametrize("left", [10, 300, -1])
def test_a_cut_file_is_told_from_its_end_alone(checkpoint: Path, safetensors: Path, left: int) -> None:
    for path in (checkpoint, safetensors):
        path.write_bytes(path.read_bytes()[:left])
        assert fault(path, path.suffix) is not None


def test_a_flipped_byte_is_found_by_the_sums_within(checkpoint: Path) -> None:
    content = bytearray(checkpoint.read_bytes())
    content[len(content) // 2] ^= 1
    checkpoint.write_bytes(content)
    assert fault(checkpoint, ".pth") is None
    assert fault(checkpoint, ".pth", Steps()) == "it is cut or damaged"


@pytest.mark.parametrize(
    ("record", "place", "value"),
    [(b"PK\x01\x02", 10, 12), (b"PK\x06\x06", 50, 128)],
    ids=["how a tensor is packed", "where the list begins"],
)
def test_a_changed_byte_in_the_list_at_the_end_is_damage(
    checkpoint: Path, record: bytes, place: int, value: int
) -> None:
    content = bytearray(checkpoint.read_bytes())
    content[content.rindex(record) + place] = value
    checkpoint.write_bytes(content)
    assert fault(checkpoint, ".pth", Steps()) == "it is cut or damaged"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "a pointer of Git LFS"),
        (b"\n<!DOCTYPE html><title>404</title>", "a web page"),
        (b"\x80\x02}q\x00.", "no checkpoint"),
    ],
)
def test_what_lies_under_a_wrong_name_is_said_as_it_is(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "unet.pth").write_bytes(content)
    assert told in (fault(tmp_path / "unet.pth", ".pth") or "")


@pytest.mark.parametrize("content", ["{", "[]", "7", "[" * 100_000])
def test_a_description_that_is_none_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "musetalk.json").write_text(content)
    assert fault(tmp_path / "musetalk.json", ".json") is not None


@pytest.mark.parametrize("header", [b"[]", b"{", json.dumps({"weight": {}}).encode(), b'{"weight": 1}'])
def test_a_strange_header_is_no_crash(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "unet.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    assert fault(path, ".safetensors") == "it is no safetensors file"


@pytest.mark.parametrize(
    "changed",
    [{"shape": [10**9, 10**9]}, {"dtype": "X9"}, {"data_offsets": [-5, 4000]}, {"data_offsets": [0.5, 4000]}],
)
def test_a_header_whose_numbers_do_not_fit_is_told(safetensors: Path, changed: dict[str, object]) -> None:
    content = safetensors.read_bytes()
    end = 8 + struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:end])
    header["weight"] |= changed
    lying = json.dumps(header).encode()
    safetensors.write_bytes(struct.pack("<Q", len(lying)) + lying + content[end:])
    assert fault(safetensors, ".safetensors") == "its list of tensors is damaged"


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch pwned",)


def test_a_checkpoint_that_would_run_code_is_told_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"weight": torch.zeros(3), "more": Evil()}, "unet.pth")
    told = fault(Path("unet.pth"), ".pth")
    assert told == f"it would run {os.system.__module__}.system when it is loaded; nothing of it was run"
    assert not Path("pwned").exists()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_checkpoints_of_all_kinds_of_tensors_have_no_fault(tmp_path: Path, protocol: int) -> None:
    state = OrderedDict(
        half=torch.zeros(3).half(),
        whole=torch.nn.Parameter(torch.zeros(3)),
        brain=torch.zeros(3, dtype=torch.bfloat16),
        count=torch.tensor(7),
    )
    torch.save(state, tmp_path / "unet.pth", pickle_protocol=protocol)
    assert fault(tmp_path / "unet.pth", ".pth", Steps()) is None
