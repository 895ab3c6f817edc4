from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from livetalk.errors import ModelError
from livetalk.models.download import download
from livetalk.models.hub import Hub
from livetalk.models.progress import Progress
from livetalk.models.sets import File, ModelSet, Need, Packed, Wheel

CONTENT = b"\x1c\0\0\0TFL3" + bytes(100)
NAME = "facefinder-1.0-cp311-cp311-manylinux_2_17_x86_64.whl"


class Index:
    """A folder of wheels that pip looks into, and into nothing else."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        self.folder = folder
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
        self.wheel = self.publish(CONTENT)

    def publish(self, content: bytes) -> Wheel:
        """Put the wheel there, with this network in it."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("facefinder/mesh.tflite", content)
            archive.writestr(
                "facefinder-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: facefinder\nVersion: 1.0\n"
            )
            archive.writestr("facefinder-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-any\n")
            archive.writestr("facefinder-1.0.dist-info/RECORD", "")
        (self.folder / NAME).write_bytes(packed.getvalue())
        sha256 = hashlib.sha256(packed.getvalue()).hexdigest()
        return Wheel("facefinder", "1.0", sha256, "manylinux_2_17_x86_64", "311")

    def wanted(self, member: str = "facefinder/mesh.tflite", content: bytes = CONTENT) -> ModelSet:
        """A set of one network, in this wheel."""
        sha256 = hashlib.sha256(content).hexdigest()
        file = File("face/mesh.tflite", Packed(self.wheel, member), len(content), sha256)
        return ModelSet("face", "a face finder", (Need((file,)),), ())


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    return Index(tmp_path / "index", monkeypatch)


def fetch(wanted: ModelSet, models: Path) -> str:
    said = io.StringIO()
    download(wanted, models, Hub(), Progress(said, io.StringIO()))
    return said.getvalue()


def test_a_network_comes_out_of_its_wheel_and_nothing_else_does(index: Index, tmp_path: Path) -> None:
    said = fetch(index.wanted(), tmp_path / "models")
    assert (tmp_path / "models/face/mesh.tflite").read_bytes() == CONTENT
    assert [path.name for path in (tmp_path / "models/face").iterdir()] == ["mesh.tflite"]
    assert "out of the wheel of facefinder 1.0" in said


def test_what_is_there_is_not_fetched_again(index: Index, tmp_path: Path) -> None:
    fetch(index.wanted(), tmp_path / "models")
    (index.folder / NAME).unlink()
    assert "there already" in fetch(index.wanted(), tmp_path / "models")


def test_another_wheel_under_that_name_is_refused(index: Index, tmp_path: Path) -> None:
    index.publish(CONTENT + b"!")
    with pytest.raises(ModelError, match=r"facefinder 1\.0 cannot be fetched: pip says: .*HASHES"):
        fetch(index.wanted(), tmp_path / "models")
    assert not (tmp_path / "models/face").exists()


def test_another_network_in_the_wheel_is_refused(index: Index, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is not the published file .*PIP_INDEX_URL"):
        fetch(index.wanted(content=CONTENT + b"?"), tmp_path / "models")
    assert not list((tmp_path / "models/face").iterdir())


def test_a_wheel_without_the_network_is_told(index: Index, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"lacks facefinder/other\.tflite"):
        fetch(index.wanted("facefinder/other.tflite"), tmp_path / "models")


def test_an_index_without_the_wheel_is_told(index: Index, tmp_path: Path) -> None:
    (index.folder / NAME).unlink()
    with pytest.raises(ModelError, match=r"pip says: .*PIP_INDEX_URL"):
        fetch(index.wanted(), tmp_path / "models")
