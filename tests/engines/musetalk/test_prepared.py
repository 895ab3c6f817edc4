"""The file of what was prepared: turned boxes and upright ones, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from livetalk.engines.musetalk.boxes import Box, crop_box
from livetalk.engines.musetalk.folders import LATENT_SHAPE
from livetalk.engines.musetalk.membrane import SMALL_PX
from livetalk.engines.musetalk.paste import Place, prepare, prepare_turned, with_edge
from livetalk.engines.musetalk.prepared import Prepared, read_prepared, write_prepared
from livetalk.engines.musetalk.turned import TurnedBox
from livetalk.errors import AvatarError

SIZE = (320, 240)
BOXES = (TurnedBox(160.25, 120.125, 80.5, 100.75, 0.1), TurnedBox(161.5, 121.0, 80.5, 100.75, -1 / 3))


def turned(poisson: bool = False) -> list[Place]:
    places = []
    for number, box in enumerate(BOXES):
        around = crop_box(box.upright)
        place = prepare_turned(box, np.full((around.height, around.width), 200, np.uint8), around, SIZE)
        places.append(
            with_edge(place, np.full((SMALL_PX, SMALL_PX, 3), number, np.uint8)) if poisson else place
        )
    return places


def upright() -> list[Place]:
    box = Box(100, 60, 180, 160)
    around = crop_box(box)
    return [prepare(box, np.full((around.height, around.width), 200, np.uint8), around, SIZE)] * 2


def written(path: Path, places: list[Place]) -> Path:
    write_prepared(path, Prepared("v10", torch.ones(len(places), *LATENT_SHAPE).half(), places))
    return path


def said(path: Path) -> tuple[str, set[str]]:
    with safe_open(str(path), framework="pt") as content:
        return content.metadata()["format"], set(content.keys())


@pytest.mark.parametrize("poisson", [False, True])
def test_turned_boxes_come_back_to_the_bit(tmp_path: Path, poisson: bool) -> None:
    places = turned(poisson)
    path = written(tmp_path / "made.safetensors", places)
    found = read_prepared(path, 2, SIZE)
    assert (found.version, found.kind) == ("v10", "turned")
    for one, other in zip(found.places, places, strict=True):
        assert (one.turned, one.inner, one.box) == (other.turned, other.inner, other.box)
        assert np.array_equal(one.luma, other.luma)
        assert one.luma_to_face is not None
        assert other.luma_to_face is not None
        assert np.array_equal(one.luma_to_face, other.luma_to_face)
        assert np.array_equal(one.to_face, other.to_face)
        assert (one.edge is None) == (other.edge is None) == (not poisson)
        if one.edge and other.edge:
            assert np.array_equal(one.edge.levels, other.edge.levels)
            assert np.array_equal(one.edge.weights, other.edge.weights)


def test_the_file_says_of_which_kind_it_is(tmp_path: Path) -> None:
    common = {"latents", "inner", "luma"}
    path = tmp_path / "made.safetensors"
    assert said(written(path, upright())) == ("livetalk-musetalk-1", common | {"box"})
    assert read_prepared(path, 2, SIZE).kind == "latents"
    assert said(written(path, turned())) == ("livetalk-musetalk-2", common | {"turned"})
    assert said(written(path, turned(poisson=True)))[1] == common | {"turned", "body"}


@pytest.mark.parametrize(
    ("name", "tensor", "told"),
    [
        ("turned", torch.zeros(2, 4, dtype=torch.float64), "not of 5 numbers"),
        ("turned", torch.full((2, 5), torch.nan, dtype=torch.float64), "not of 5 numbers"),
        ("turned", torch.full((2, 5), 1e9, dtype=torch.float64), "far outside"),
        ("turned", torch.zeros(2, 5, dtype=torch.float64), "holds nothing"),
        ("turned", torch.ones(3, 5, dtype=torch.float64), "the body has 2"),
        ("inner", torch.tensor([(0, 0, 400, 100)] * 2, dtype=torch.int32), "outside a picture of 320x240"),
        ("inner", torch.tensor([(100, 100, 90, 90)] * 2, dtype=torch.int32), "outside a picture"),
        ("luma", torch.zeros(7, dtype=torch.uint8), "weights do not fit"),
        ("body", torch.zeros(2, 8, 8, 3, dtype=torch.uint8), "small faces"),
        ("body", torch.zeros(2, SMALL_PX, SMALL_PX, 3), "small faces"),
        ("latents", torch.full((2, *LATENT_SHAPE), torch.nan).half(), "no numbers"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, name: str, tensor: torch.Tensor, told: str) -> None:
    path = written(tmp_path / "made.safetensors", turned(poisson=True))
    tensors = {**load_file(path), name: tensor}
    save_file(tensors, path, metadata={"format": "livetalk-musetalk-2"})
    with pytest.raises(AvatarError, match=told):
        read_prepared(path, 2, SIZE)


def test_a_kind_of_tomorrow_is_refused_by_what_is_known(tmp_path: Path) -> None:
    path = tmp_path / "made.safetensors"
    save_file({"latents": torch.zeros(1)}, path, metadata={"format": "livetalk-musetalk-3"})
    with pytest.raises(AvatarError, match="livetalk-musetalk-1, livetalk-musetalk-2"):
        read_prepared(path, 1, SIZE)
