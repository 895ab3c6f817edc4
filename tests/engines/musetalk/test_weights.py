from __future__ import annotations

import errno
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from livetalk.engines.musetalk.networks import load_tiny_decoder, load_unet, load_vae, load_whisper
from livetalk.engines.musetalk.weights import fill, find, read_config, read_state
from livetalk.engines.musetalk.whisper import WhisperEncoder, WhisperShape
from livetalk.errors import ModelError
from tests.engines.musetalk.tiny import UNET, VAE, write_tiny


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch pwned",)


def test_weights_are_read_from_each_kind_of_file(tmp_path: Path) -> None:
    state = {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.zeros(2)}
    torch.save(state, tmp_path / "new.pth")
    torch.save(state, tmp_path / "old.bin", _use_new_zipfile_serialization=False)
    save_file(state, tmp_path / "safe.safetensors")
    for name in ("new.pth", "old.bin", "safe.safetensors"):
        network = nn.Linear(3, 2)
        fill(network, read_state(tmp_path / name), tmp_path / name)
        assert torch.equal(network.weight, state["weight"])


@pytest.mark.parametrize("name", ["unet.pth", "unet.safetensors"])
def test_a_file_that_may_not_be_read_is_told_as_that(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ModelError, match=rf"{name} cannot be read: Permission denied$"):
        read_state(tmp_path / name)


@pytest.mark.parametrize("name", ["cut.pth", "cut.safetensors"])
@pytest.mark.parametrize("left", [0, 10, 300])
def test_a_cut_file_is_named_with_how_to_get_it(tmp_path: Path, name: str, left: int) -> None:
    state = {"weight": torch.zeros(1000)}
    path = tmp_path / name
    save_file(state, path) if path.suffix == ".safetensors" else torch.save(state, path)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(ModelError, match=rf"{name} .*livetalk models download"):
        read_state(path)


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "unet.pth").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(ModelError, match=r"unet\.pth"):
        read_state(tmp_path / "unet.pth")
    assert not (tmp_path / "pwned").exists()


def test_what_is_no_state_dict_is_refused(tmp_path: Path) -> None:
    torch.save([torch.zeros(2)], tmp_path / "list.pth")
    with pytest.raises(ModelError, match="no state dict"):
        read_state(tmp_path / "list.pth")


def test_another_networks_weights_are_refused_with_what_differs(tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"here\.pth .*bias is missing; other is unknown; weight is \(4, 4\)"
    ):
        fill(nn.Linear(3, 2), {"weight": torch.zeros(4, 4), "other": torch.zeros(1)}, tmp_path / "here.pth")


@pytest.mark.parametrize("content", ["", "{", "[]", "7", "[" * 100_000])
def test_a_description_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "musetalk.json").write_text(content)
    with pytest.raises(ModelError, match=r"musetalk\.json"):
        read_config(tmp_path / "musetalk.json")


def test_what_is_missing_is_named_with_the_command_that_brings_it(tmp_path: Path) -> None:
    loads: list[tuple[Callable[[], object], str, str]] = [
        (lambda: load_unet(tmp_path, "v15"), "musetalkV15/musetalk.json", "musetalk"),
        (lambda: load_unet(tmp_path, "v10"), "musetalk/musetalk.json", "musetalk-v10"),
        (lambda: load_vae(tmp_path), "sd-vae/config.json", "musetalk"),
        (
            lambda: load_whisper(tmp_path),
            r"whisper/encoder.safetensors \(or model.safetensors, pytorch_model.bin\)",
            "musetalk",
        ),
        (lambda: load_tiny_decoder(tmp_path), "taesd/config.json", "taesd"),
    ]
    for load, missing, name in loads:
        with pytest.raises(
            ModelError,
            match=rf"{missing} is missing; bring it with: livetalk models download {name} --models-dir",
        ):
            load()


def test_a_file_without_an_encoder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "whisper").mkdir()
    torch.save(
        {"model.decoder.layers.0.fc1.weight": torch.zeros(1)}, tmp_path / "whisper" / "pytorch_model.bin"
    )
    with pytest.raises(ModelError, match="no whisper encoder"):
        load_whisper(tmp_path)


@pytest.mark.parametrize("folder", [("decoder",), ("first", "decoder")])
def test_a_folder_in_the_place_of_a_file_is_told_as_one(tmp_path: Path, folder: tuple[str, ...]) -> None:
    (tmp_path / "decoder").mkdir()
    with pytest.raises(ModelError, match=r"decoder is a folder where a file belongs; move it away"):
        find(tmp_path, folder)


@pytest.mark.parametrize(
    "weight",
    [
        torch.full((2, 3), float("nan")),
        torch.full((2, 3), -float("inf")),
        torch.zeros(2, 3, dtype=torch.int32),
        torch.zeros(2, 3, dtype=torch.complex64),
        torch.zeros(2, 3, device="meta"),
        torch.zeros(2, 3).to_sparse(),
    ],
)
def test_weights_that_are_no_numbers_are_refused_by_name(tmp_path: Path, weight: torch.Tensor) -> None:
    path = tmp_path / "unet.pth"
    with pytest.raises(ModelError, match=r"unet\.pth: weight holds what is no number.* models download"):
        fill(nn.Linear(3, 2), {"weight": weight, "bias": torch.zeros(2)}, path)


def test_names_that_are_no_words_are_refused(tmp_path: Path) -> None:
    torch.save({1: torch.zeros(2)}, tmp_path / "numbered.pth")
    with pytest.raises(ModelError, match=r"numbered\.pth holds no state dict"):
        read_state(tmp_path / "numbered.pth")


def test_nobody_is_told_to_read_a_file_without_care(tmp_path: Path) -> None:
    torch.save({"weight": Evil()}, tmp_path / "unet.pth")
    with pytest.raises(ModelError, match=r"unet\.pth .*it is damaged, or holds more than numbers") as refused:
        read_state(tmp_path / "unet.pth")
    assert "weights_only" not in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"in_channels": 4}, "in_channels is 4 instead of 8"),
        ({"cross_attention_dim": 768}, "cross_attention_dim is 768 instead of 384"),
        ({"attention_head_dim": 0}, "does not describe a UNet"),
        ({"act_fn": "bogus"}, "does not describe a UNet"),
    ],
)
def test_a_description_of_another_unet_is_refused(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    write_tiny(tmp_path)
    (tmp_path / "musetalkV15" / "musetalk.json").write_text(json.dumps({**UNET, **changed}))
    with pytest.raises(ModelError, match=rf"musetalk\.json .*{told}.*; fetch it again"):
        load_unet(tmp_path, "v15")


def test_a_description_of_a_vae_that_draws_smaller_faces_is_refused(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    smaller = {name: value[:2] if isinstance(value, list) else value for name, value in VAE.items()}
    (tmp_path / "sd-vae" / "config.json").write_text(json.dumps(smaller))
    with pytest.raises(ModelError, match=r"config\.json .*blocks is 2 instead of 4"):
        load_vae(tmp_path)


@pytest.mark.parametrize(
    "shape",
    [WhisperShape(512, 6, 8, 64, 1500), WhisperShape(384, 6, 6, 64, 1500), WhisperShape(384, 4, 6, 64, 9)],
)
def test_another_whisper_than_the_tiny_one_is_refused(tmp_path: Path, shape: WhisperShape) -> None:
    (tmp_path / "whisper").mkdir()
    state = {f"encoder.{name}": each for name, each in WhisperEncoder(shape).state_dict().items()}
    torch.save(state, tmp_path / "whisper" / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"pytorch_model\.bin holds an encoder that is not whisper-tiny's"):
        load_whisper(tmp_path)
