from __future__ import annotations

from pathlib import Path

import pytest

from livetalk.models.catalogue import File, Need, Source
from livetalk.models.check import Finding, State, inspect
from tests.models.faces import UNET, checkpoint
from tests.models.hub_server import HubServer

PLACE = "musetalkV15/unet.pth"


def nobody(label: str, done: int, size: int) -> None:
    """Watches nothing."""


@pytest.fixture
def need(server: HubServer) -> Need:
    return Need((File("musetalkV15/unet.safetensors"), server.add(PLACE, UNET)))


def look(need: Need, models: Path, content: bytes, place: str = PLACE, *, quick: bool = False) -> Finding:
    (models / place).parent.mkdir(parents=True, exist_ok=True)
    (models / place).write_bytes(content)
    return inspect(need, models, nobody, quick=quick)


def test_the_published_file_is_there(need: Need, tmp_path: Path) -> None:
    assert look(need, tmp_path, UNET).state is State.THERE
    assert look(need, tmp_path, UNET, quick=True).state is State.THERE


def test_what_is_missing_names_the_file_to_fetch(need: Need, tmp_path: Path) -> None:
    found = inspect(need, tmp_path, nobody)
    assert (found.state, found.file.place, found.usable) == (State.MISSING, PLACE, False)


@pytest.mark.parametrize("quick", [False, True])
def test_a_file_that_is_cut_is_told_with_its_length(need: Need, tmp_path: Path, quick: bool) -> None:
    found = look(need, tmp_path, UNET[:5000], quick=quick)
    assert found.state is State.CUT
    assert f"5000 of {len(UNET)} bytes" in found.note


def test_weights_that_were_trained_further_are_usable_and_noted(need: Need, tmp_path: Path) -> None:
    for content in (checkpoint(7), checkpoint(7, 2000)):
        found = look(need, tmp_path, content)
        assert (found.state, found.note, found.usable) == (State.OWN, "not the published file", True)


def test_damage_that_leaves_the_length_is_found_by_the_sum(need: Need, tmp_path: Path) -> None:
    damaged = bytearray(UNET)
    damaged[len(UNET) // 2] ^= 1
    assert look(need, tmp_path, bytes(damaged)).state is State.FOREIGN
    assert look(need, tmp_path, bytes(damaged), quick=True).usable, "a quick look knows sizes alone"


def test_a_folder_in_the_place_of_a_file_is_told(need: Need, tmp_path: Path) -> None:
    (tmp_path / PLACE).mkdir(parents=True)
    found = inspect(need, tmp_path, nobody)
    assert (found.state, found.note) == (State.FOREIGN, "a folder where a file belongs; move it away")


def test_the_file_that_an_engine_takes_first_is_the_one_that_counts(need: Need, tmp_path: Path) -> None:
    look(need, tmp_path, UNET)
    found = look(need, tmp_path, b"<html>", "musetalkV15/unet.safetensors")
    assert (found.state, found.file.place) == (State.FOREIGN, "musetalkV15/unet.safetensors")


@pytest.mark.parametrize("outer", ["musetalkV15", "models", "MuseTalk", "musetalk"])
def test_a_file_in_a_folder_too_deep_is_found(need: Need, tmp_path: Path, outer: str) -> None:
    found = look(need, tmp_path, UNET, f"{outer}/{PLACE}")
    assert found.state is State.ELSEWHERE
    assert found.note.lower() == f"it is at {outer}/{PLACE}".lower()
    assert not found.usable


@pytest.mark.parametrize("folder", ["sd-vae-ft-mse", "sd-vae/sd-vae-ft-mse", "models/sd-vae"])
def test_a_folder_under_the_name_of_its_repository_is_found(tmp_path: Path, folder: str) -> None:
    need = Need((File("sd-vae/config.json", Source("people/vae", "0", "config.json"), 2, "00"),))
    assert look(need, tmp_path, b"{}", f"{folder}/config.json").state is State.ELSEWHERE


def test_a_file_of_which_no_sum_is_known_is_known_by_its_size(server: HubServer, tmp_path: Path) -> None:
    need = Need((server.add(PLACE, UNET, known=False),))
    found = look(need, tmp_path, UNET)
    assert (found.state, found.note) == (State.THERE, "by its size, no sum is known here")
    assert look(need, tmp_path, bytes(len(UNET))).state is State.FOREIGN
