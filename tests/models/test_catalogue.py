from __future__ import annotations

import re
from pathlib import Path

import pytest

from livetalk.errors import ModelError
from livetalk.models.catalogue import SETS, File, ModelSet, model_set
from livetalk.models.recognisers import RECOGNISERS
from livetalk.models.sets import Packed
from livetalk.stt.whisper import missing

FILES = [file for each in SETS.values() for need in each.needs for file in need.files]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.place)
def test_every_file_has_a_place_of_its_own_kind(file: File) -> None:
    assert re.fullmatch(
        r"(face|musetalk|musetalkV15|sd-vae|whisper|taesd|whisper/[a-z0-9-]+)/[a-z_]+\.(json|txt|pth|bin|safetensors|tflite)",
        file.place,
    )


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.source is not None], ids=lambda file: file.place
)
def test_what_is_published_is_known_by_revision_size_and_sum(file: File) -> None:
    assert file.size is not None
    assert re.fullmatch("[0-9a-f]{64}", file.sha256 or "0" * 64)
    if isinstance(file.source, Packed):
        assert file.sha256, "the wheel's own sum says nothing of a file that is there already"
        assert re.fullmatch("[0-9a-f]{64}", file.source.wheel.sha256)
    elif file.source is not None:
        assert re.fullmatch("[0-9a-f]{40}", file.source.revision), "a branch may change under the sums"


def test_each_need_can_be_fetched() -> None:
    assert all(need.wanted.source is not None for each in SETS.values() for need in each.needs)


def test_sets_share_what_is_the_same() -> None:
    assert model_set("musetalk").shared == model_set("musetalk-v10").shared


def test_an_unknown_set_lists_those_there_are() -> None:
    with pytest.raises(
        ModelError,
        match=r"unknown models .wav2lip.; there are: musetalk, musetalk-v10, taesd, face, ",
    ):
        model_set("wav2lip")


@pytest.mark.parametrize("each", RECOGNISERS, ids=lambda each: each.name)
def test_a_recogniser_that_was_fetched_is_one_that_can_be_loaded(each: ModelSet, tmp_path: Path) -> None:
    for need in each.needs:
        path = tmp_path / need.wanted.place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    folder = tmp_path / "whisper" / each.name.removeprefix("whisper-")
    assert missing(folder) == ""
    assert all(need.wanted.sha256 for need in each.needs)
