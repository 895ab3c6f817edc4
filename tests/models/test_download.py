from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest

from livetalk.errors import ModelError
from livetalk.locks import LOCK
from livetalk.models.catalogue import File, ModelSet, Need
from livetalk.models.download import download
from livetalk.models.hub import Hub
from livetalk.models.lock import alone_in
from livetalk.models.progress import Progress
from tests.models.faces import CONFIG, UNET, WHISPER, checkpoint, publish
from tests.models.hub_server import HubServer

WHOLE = {
    "musetalkV15/musetalk.json": CONFIG,
    "musetalkV15/unet.pth": UNET,
    "whisper/pytorch_model.bin": WHISPER,
}


@pytest.fixture
def wanted(server: HubServer) -> ModelSet:
    return publish(server)


class Download:
    """Downloads into a folder, and what it says."""

    def __init__(self, server: HubServer, models: Path) -> None:
        self.models = models
        self.said = io.StringIO()
        self._hub = Hub(server.endpoint, pauses_s=())

    def __call__(self, wanted: ModelSet) -> None:
        download(wanted, self.models, self._hub, Progress(self.said, io.StringIO()))

    def files(self) -> dict[str, bytes]:
        """All files, by their places, but for the lock's."""
        there = sorted(path for path in self.models.rglob("*") if path.is_file() and path.name != LOCK)
        return {path.relative_to(self.models).as_posix(): path.read_bytes() for path in there}

    def put(self, place: str, content: bytes) -> None:
        """Have a file before."""
        (self.models / place).parent.mkdir(parents=True, exist_ok=True)
        (self.models / place).write_bytes(content)


@pytest.fixture
def fetch(server: HubServer, tmp_path: Path) -> Download:
    return Download(server, tmp_path / "models")


def test_a_set_comes_into_its_places_and_nothing_else(fetch: Download, wanted: ModelSet) -> None:
    fetch(wanted)
    assert fetch.files() == WHOLE
    assert "musetalkV15/unet.pth: there, and checked" in fetch.said.getvalue()


def test_what_is_there_is_not_fetched_again(fetch: Download, wanted: ModelSet, server: HubServer) -> None:
    fetch(wanted)
    server.requests.clear()
    fetch(wanted)
    assert not server.requests


def test_a_file_that_is_missing_is_fetched_alone(
    fetch: Download, wanted: ModelSet, server: HubServer
) -> None:
    fetch(wanted)
    (fetch.models / "whisper" / "pytorch_model.bin").unlink()
    server.requests.clear()
    fetch(wanted)
    assert fetch.files() == WHOLE
    assert {each.path.rpartition("/")[2].partition("?")[0] for each in server.requests} == {
        "pytorch_model.bin"
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (UNET[:5000], "cut, it has 5000 of"),
        (b"<html>" * 10_000, "wrong, it is a web page"),
        (UNET[:6000] + b"damage" + UNET[6006:], "wrong, it is cut or damaged"),
    ],
)
def test_a_wrong_file_is_told_and_replaced_and_kept_unless_it_is_cut(
    fetch: Download, wanted: ModelSet, content: bytes, told: str
) -> None:
    fetch.put("musetalkV15/unet.pth", content)
    fetch(wanted)
    whole = len(content) >= len(UNET)
    assert fetch.files() == {**WHOLE, **({"musetalkV15/unet.pth.old": content} if whole else {})}
    assert f"musetalkV15/unet.pth: {told}" in fetch.said.getvalue()


def test_a_wrong_file_stays_until_the_good_one_is_there(
    fetch: Download, wanted: ModelSet, server: HubServer
) -> None:
    fetch.put("musetalkV15/unet.pth", UNET[:5000])
    server.faults.cuts = [1000, 0]
    with pytest.raises(ModelError, match="could not be fetched"):
        fetch(wanted)
    assert fetch.files()["musetalkV15/unet.pth"] == UNET[:5000]
    assert fetch.files()["musetalkV15/unet.pth.part"] == UNET[:1000]
    fetch(wanted)
    assert fetch.files() == WHOLE
    assert ", 1.00 kB of it are here" in fetch.said.getvalue()


def test_weights_of_ones_own_stay(fetch: Download, wanted: ModelSet) -> None:
    own = checkpoint(9)
    fetch.put("musetalkV15/unet.pth", own)
    fetch(wanted)
    assert fetch.files() == {**WHOLE, "musetalkV15/unet.pth": own}
    assert "unet.pth: there already, not the published file: it stays" in fetch.said.getvalue()


def test_wrong_bytes_are_refused_and_not_gone_on_with(
    fetch: Download, wanted: ModelSet, server: HubServer
) -> None:
    server.faults.wrong_bytes = True
    with pytest.raises(ModelError, match=r"unet\.pth: what .* is not the published file .*sha256 is"):
        fetch(wanted)
    assert fetch.files() == {"musetalkV15/musetalk.json": CONFIG}
    server.faults.wrong_bytes = False
    fetch(wanted)
    assert fetch.files() == WHOLE


def test_the_hubs_own_sum_is_held_against_a_file_of_which_none_is_known_here(
    fetch: Download, wanted: ModelSet, server: HubServer
) -> None:
    server.faults.wrong_bytes = True
    with pytest.raises(ModelError, match=r"pytorch_model\.bin: what .* is not the published file"):
        fetch(dataclasses.replace(wanted, own=()))


def test_a_hub_with_another_file_of_that_name_is_told(
    fetch: Download, wanted: ModelSet, server: HubServer
) -> None:
    server.files["whisper/pytorch_model.bin"] = WHISPER + b"more"
    with pytest.raises(ModelError, match=r"bytes for whisper/pytorch_model\.bin instead of"):
        fetch(wanted)
    assert fetch.files() == {}


# -- what lies elsewhere --------------------------------------------------------------------------


@pytest.mark.parametrize("outer", ["musetalkV15", "models", "MuseTalk"])
def test_a_folder_too_deep_is_put_right_by_moving(
    fetch: Download, wanted: ModelSet, server: HubServer, outer: str
) -> None:
    for place, content in WHOLE.items():
        if place.startswith("musetalkV15"):
            fetch.put(f"{outer}/{place}", content)
    fetch(wanted)
    assert fetch.files() == WHOLE
    assert not (fetch.models / outer / "musetalkV15").exists(), "an emptied folder is no use"
    assert f"moved here from {outer}/musetalkV15/unet.pth" in fetch.said.getvalue()
    assert not [each for each in server.requests if "unet" in each.path]


def test_a_file_elsewhere_that_is_not_the_published_one_stays_there(
    fetch: Download, wanted: ModelSet
) -> None:
    stray = bytes(len(UNET))
    fetch.put("models/musetalkV15/unet.pth", stray)
    fetch(wanted)
    assert fetch.files() == {**WHOLE, "models/musetalkV15/unet.pth": stray}
    assert "not the published file; it stays where it is" in fetch.said.getvalue()


# -- before anything starts -----------------------------------------------------------------------


def test_a_disk_that_is_too_small_is_told_before_anything_is_fetched(
    fetch: Download, wanted: ModelSet, server: HubServer
) -> None:
    huge = dataclasses.replace(wanted.own[1].wanted, size=10**18)
    with pytest.raises(
        ModelError, match=r"1000000000 GB are to be fetched and .* are free in .*--models-dir"
    ):
        fetch(dataclasses.replace(wanted, own=(Need((huge,)),)))
    assert not server.asked("hub")


def test_a_folder_that_cannot_be_written_is_told_with_the_way_out(
    wanted: ModelSet, server: HubServer
) -> None:
    with pytest.raises(ModelError, match=r"nothing can be written into /dev/null/models .*--models-dir"):
        Download(server, Path("/dev/null/models"))(wanted)


def test_a_second_download_into_the_same_folder_is_refused_until_the_first_ends(
    fetch: Download, wanted: ModelSet, server: HubServer
) -> None:
    fetch.models.mkdir()
    with alone_in(fetch.models), pytest.raises(ModelError, match=r"another download into .* is at work"):
        fetch(wanted)
    assert not server.requests
    fetch(wanted)
    assert fetch.files() == WHOLE


def test_a_folder_in_the_place_of_a_file_is_told(fetch: Download, wanted: ModelSet) -> None:
    (fetch.models / "musetalkV15" / "unet.pth").mkdir(parents=True)
    with pytest.raises(ModelError, match=r"unet\.pth is a folder where a file belongs"):
        fetch(wanted)


def test_a_broken_file_that_was_never_published_is_for_its_owner_to_move(
    fetch: Download, wanted: ModelSet
) -> None:
    fetch.put("musetalkV15/unet.safetensors", b"broken")
    with pytest.raises(ModelError, match=r"unet\.safetensors: it is cut.*move it away"):
        fetch(wanted)
    assert fetch.files() == {"musetalkV15/unet.safetensors": b"broken"}


def test_a_file_that_is_only_made_is_enough(fetch: Download, server: HubServer) -> None:
    need = Need((File("whisper/encoder.json"), server.add("whisper/model.json", b"{}")))
    fetch.put("whisper/encoder.json", b"{}")
    fetch(ModelSet("one", "One", (need,), ()))
    assert not server.requests
