"""Lean weights against those that they were made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from livetalk.engines.musetalk import lean as lean_module
from livetalk.engines.musetalk.drawing import Drawing
from livetalk.engines.musetalk.lean import make_lean, make_lean_v10
from livetalk.engines.musetalk.networks import encode_face, load_networks, load_vae, load_whisper
from livetalk.errors import ModelError
from livetalk.models.catalogue import SETS
from livetalk.models.check import State, inspect
from tests.engines.musetalk.tiny import write_tiny


def drawing(models: Path) -> Drawing:
    """Of a models' folder, on the CPU."""
    return Drawing(load_networks(models), torch.device("cpu"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights") / "models"
    write_tiny(folder)
    return folder


@pytest.fixture(scope="module")
def lean(models: Path) -> Path:
    make_lean(models, models.with_name("lean"))
    return models.with_name("lean")


def test_a_lean_folder_holds_what_streaming_needs_and_no_more(lean: Path) -> None:
    assert {path.relative_to(lean).as_posix() for path in lean.rglob("*") if path.is_file()} == {
        "musetalkV15/musetalk.json",
        "musetalkV15/unet.safetensors",
        "sd-vae/config.json",
        "sd-vae/decoder.safetensors",
        "whisper/encoder.safetensors",
    }
    for path in lean.rglob("*.safetensors"):
        assert {tensor.dtype for tensor in load_file(path).values()} == {torch.half}
        assert path.stat().st_mode == (lean / "sd-vae" / "config.json").stat().st_mode
    assert not any("decoder" in name for name in load_file(lean / "whisper" / "encoder.safetensors"))


def test_it_takes_half_the_room_and_less(models: Path, lean: Path) -> None:
    def size(path: Path) -> int:
        return path.stat().st_size

    unet = size(lean / "musetalkV15" / "unet.safetensors") / size(models / "musetalkV15" / "unet.pth")
    whisper = size(lean / "whisper" / "encoder.safetensors") / size(models / "whisper" / "pytorch_model.bin")
    whole = size(models / "sd-vae" / "diffusion_pytorch_model.safetensors")
    assert 0.45 < unet < 0.53
    assert whisper < 0.5
    assert size(lean / "sd-vae" / "decoder.safetensors") / whole < 0.35


def test_faces_are_the_same_within_what_half_precision_allows(models: Path, lean: Path) -> None:
    draw = torch.Generator().manual_seed(2)
    latents = torch.randn(2, 8, 32, 32, generator=draw)
    tokens = torch.randn(2, 50, 384, generator=draw)
    faces = [drawing(folder).draw([*latents], [*tokens]) for folder in (models, lean)]
    assert faces[0] is not None
    assert faces[1] is not None
    for whole, half in zip(faces[0], faces[1], strict=True):
        assert np.ptp(whole.picture) > 20, "it is a picture"
        assert np.abs(whole.picture.astype(int) - half.picture).max() <= 2


def test_hearing_is_the_same_within_what_half_precision_allows(models: Path, lean: Path) -> None:
    mel = torch.randn(1, 80, 200, generator=torch.Generator().manual_seed(3))
    states = []
    for folder in (models, lean):
        states.append(load_whisper(folder)(mel))
    assert (states[0] - states[1]).abs().max() < 0.01


def test_a_lean_vae_says_why_it_prepares_no_avatars(lean: Path) -> None:
    with pytest.raises(ModelError, match=r"decoder\.safetensors draws faces, but cannot prepare avatars"):
        encode_face(load_vae(lean), torch.zeros(1, 3, 256, 256))


def test_a_check_finds_a_lean_folder_complete(lean: Path) -> None:
    found = [inspect(need, lean, lambda label, done, size: None) for need in SETS["musetalk"].needs]
    assert {each.state for each in found} == {State.OWN}


def test_lean_weights_can_be_made_of_lean_ones(lean: Path, tmp_path: Path) -> None:
    make_lean(lean, tmp_path / "again")
    for path in lean.rglob("*.safetensors"):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(lean)).read_bytes()


def test_version_one_has_a_folder_of_its_own(tmp_path: Path) -> None:
    write_tiny(tmp_path / "models", "musetalk", "pytorch_model.bin")
    make_lean_v10(tmp_path / "models", tmp_path / "lean")
    assert (tmp_path / "lean" / "musetalk" / "pytorch_model.safetensors").is_file()
    assert drawing(tmp_path / "lean").version == "v10"


def test_a_folder_that_is_there_stays_as_it_is(models: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ModelError, match="is there already; move it away, or name another folder: --to"):
        make_lean(models, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    write_tiny(tmp_path / "models")
    (tmp_path / "models" / "musetalkV15" / "unet.pth").write_bytes(b"PK")
    with pytest.raises(ModelError, match=r"unet\.pth cannot be read as weights"):
        make_lean(tmp_path / "models", tmp_path / "lean")
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def test_a_disk_that_fills_up_is_told_and_leaves_nothing_behind(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(state: dict[str, torch.Tensor], path: Path, metadata: dict[str, str]) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(lean_module, "save_file", full)
    with pytest.raises(ModelError, match=r"lean cannot be written: .*No space left on device"):
        make_lean(models, tmp_path / "lean")
    assert not any(tmp_path.iterdir())


def test_numbers_too_large_for_half_precision_are_told(tmp_path: Path) -> None:
    write_tiny(tmp_path / "models")
    path = tmp_path / "models" / "musetalkV15" / "unet.pth"
    state = torch.load(path, weights_only=True)
    state["conv_in.bias"][0] = 1e6
    torch.save(state, path)
    with pytest.raises(ModelError, match=r"musetalkV15: conv_in\.bias holds numbers too large"):
        make_lean(tmp_path / "models", tmp_path / "lean")


def test_what_is_missing_is_named_with_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is missing; bring it with: livetalk models download"):
        make_lean(tmp_path / "models", tmp_path / "lean")
