"""The catalogue of weights and the engine's loaders name the same files, in the same order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from livetalk.engines.musetalk.networks import load_tiny_decoder, load_unet, load_vae, load_whisper
from livetalk.errors import ModelError
from livetalk.models.catalogue import SETS
from tests.engines.musetalk.tiny import describe

LOADS: dict[str, Callable[[Path], object]] = {
    "musetalkV15": lambda models: load_unet(models, "v15"),
    "musetalk": lambda models: load_unet(models, "v10"),
    "sd-vae": load_vae,
    "whisper": load_whisper,
    "taesd": load_tiny_decoder,
}


@pytest.mark.parametrize("name", ["musetalk", "musetalk-v10", "taesd"])
def test_the_loaders_take_the_first_file_that_the_catalogue_lists(name: str, tmp_path: Path) -> None:
    for need in SETS[name].needs:
        for file in need.files:
            path = tmp_path / file.place
            path.parent.mkdir(exist_ok=True)
            path.write_text("no weights")
            if path.suffix == ".json":
                describe(path)
    for need in SETS[name].needs:
        if need.wanted.place.endswith(".json"):
            continue
        load = LOADS[need.wanted.place.partition("/")[0]]
        for file in need.files:
            with pytest.raises(ModelError, match=rf"{file.place} cannot be read as weights"):
                load(tmp_path)
            (tmp_path / file.place).unlink()
        with pytest.raises(ModelError, match="is missing"):
            load(tmp_path)
