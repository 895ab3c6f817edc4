from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from livetalk.avatar.bundle import open_bundle
from livetalk.avatar.recipe import Recipe
from livetalk.avatar.writing import HIDDEN
from livetalk.cancellation import Cancellation
from livetalk.creation import process
from livetalk.creation.bench import bench_in, clear_benches
from livetalk.creation.limits import Limits
from livetalk.creation.making import Places, make
from livetalk.creation.worker import Told
from livetalk.engines.viseme.engine import VisemeEngine
from livetalk.errors import AvatarError, Cancelled, Conflict, InvalidRequest
from tests.clips import grey, mira, write_clip, write_photo

posix = pytest.mark.skipif(sys.platform == "win32", reason="processes are looked up in /proc")


@pytest.fixture
def places(tmp_path: Path, face_models: Path) -> Iterator[Places]:
    """Avatars to be made in a folder of which, in the end, nothing hidden is left."""
    made = Places(tmp_path / "avatars", face_models, "cpu")
    yield made
    assert not list(made.avatars.glob(f"{HIDDEN}*"))


def made(source: Path, places: Places, avatar_id: str = "anna", **choices: object) -> Path:
    with bench_in(places.avatars) as bench:
        recipe = Recipe.model_validate(choices)
        return make(source, avatar_id, recipe, places, bench, lambda _told: None, Cancellation())


def test_a_clip_becomes_an_avatar_that_speaks(tmp_path: Path, places: Places) -> None:
    told: list[Told] = []
    clip = write_clip(tmp_path / "clip.mp4", mira(20))
    with bench_in(places.avatars) as bench:
        recipe = Recipe(name="Anna", size=256)
        target = make(clip, "anna", recipe, places, bench, told.append, Cancellation())
    bundle = open_bundle(target, tmp_path / "cache")
    assert (bundle.id, bundle.manifest.name, bundle.width, bundle.height) == ("anna", "Anna", 256, 256)
    assert len(bundle.pictures) == 20
    painter = VisemeEngine().open_avatar(bundle).painter
    opened = painter.paint(np.array([0.8, 0, 0, 0, 0, 0, 0], np.float32), 3)
    changed = np.abs(opened.astype(int) - bundle.picture(3))[:256]
    assert changed[150:180, 100:160].max() > 40
    assert changed[:100].max() == 0
    steps = [each.step for each in told if each.kind == "step"]
    assert list(dict.fromkeys(steps)) == ["convert", "find", "steady", "loop", "encode", "prepare"]


def test_photos_of_a_folder_are_its_pictures(tmp_path: Path, places: Places) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, colours in enumerate(mira(5)):
        write_photo(folder / f"{number}.png", colours)
    assert len(open_bundle(made(folder, places), tmp_path / "cache").pictures) == 5


def test_photos_of_different_sizes_are_refused(tmp_path: Path, places: Places) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    write_photo(folder / "0.png", mira(1)[0])
    write_photo(folder / "1.png", np.ascontiguousarray(mira(1)[0][:400]))
    with pytest.raises(AvatarError, match=r"1\.png is of another size"):
        made(folder, places)


def test_what_no_avatar_can_be_made_of_leaves_nothing(tmp_path: Path, places: Places) -> None:
    with pytest.raises(AvatarError, match="no face was found"):
        made(write_clip(tmp_path / "clip.mp4", [grey(90)] * 20), places)
    assert not list(places.avatars.iterdir())


def test_a_name_that_is_taken_is_refused_before_anything_is_read(tmp_path: Path, places: Places) -> None:
    (places.avatars / "anna").mkdir(parents=True)
    with pytest.raises(Conflict, match="there is an avatar 'anna' already"):
        made(tmp_path / "nothing.mp4", places)


@pytest.mark.parametrize("name", ["..", "../anna", "", "an na", ".hidden", "a" * 65, "ann\u00e4"])
def test_an_id_that_is_a_path_or_none_is_refused(tmp_path: Path, places: Places, name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be an avatar's id"):
        made(tmp_path / "nothing.mp4", places, name)


def test_an_engine_that_cannot_be_prepared_for_is_told(tmp_path: Path, places: Places) -> None:
    photo = write_photo(tmp_path / "face.png", mira(1)[0])
    with pytest.raises(AvatarError, match="musetalk"):
        made(photo, places, engines=["musetalk"])


# -- a process of its own -------------------------------------------------------------------------


class InBackground:
    """An avatar being made by another thread, slowly enough to be disturbed."""

    def __init__(self, clip: Path, places: Places) -> None:
        self.cancel = Cancellation()
        self.error: BaseException | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._make, args=(clip, places), name="making")
        self._thread.start()
        assert self._begun.wait(60)

    def _make(self, clip: Path, places: Places) -> None:
        try:
            with bench_in(places.avatars) as bench:
                make(clip, "anna", Recipe(), places, bench, self._hear, self.cancel)
        except (AvatarError, Cancelled) as error:
            self.error = error
        finally:
            self._begun.set()

    def _hear(self, told: Told) -> None:
        if told.step == "find":
            self._begun.set()

    def ended(self) -> BaseException | None:
        """What it ended with."""
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.error


def workers() -> list[int]:
    """Processes that make avatars, and are children of this one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended meanwhile
            continue
        if b"livetalk.creation.worker" in line and parent == os.getpid():
            found.append(int(folder.name))
    return found


@pytest.fixture
def long_clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "long.mp4", [*mira(25)] * 10)


@posix
def test_a_process_that_dies_is_told_and_leaves_nothing(long_clip: Path, places: Places) -> None:
    making = InBackground(long_clip, places)
    for pid in workers():
        os.kill(pid, signal.SIGSEGV)
    assert "crashed what reads it" in str(making.ended())
    assert not list(places.avatars.iterdir())


@posix
def test_what_nobody_wants_any_more_ends_at_once(long_clip: Path, places: Places) -> None:
    making = InBackground(long_clip, places)
    making.cancel.cancel()
    assert isinstance(making.ended(), Cancelled)
    assert workers() == []
    assert not list(places.avatars.iterdir())


@posix
def test_a_process_whose_parent_is_gone_ends(long_clip: Path, places: Places, tmp_path: Path) -> None:
    program = (
        "import sys; from livetalk.cli import main; "
        f"main(['avatar', 'create', '--id', 'anna', '--source', {str(long_clip)!r}, "
        f"'--avatars-dir', {str(tmp_path / 'theirs')!r}, '--models-dir', {str(places.models)!r}])"
    )
    import subprocess

    parent = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    children = _children(parent.pid)
    parent.kill()
    parent.wait()
    for _ in range(200):
        if not any(Path(f"/proc/{pid}").exists() for pid in children):
            break
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    left = list((tmp_path / "theirs").iterdir())
    assert [path.name.startswith(HIDDEN) for path in left] == [True]
    clear_benches(tmp_path / "theirs")
    assert not list((tmp_path / "theirs").iterdir())


def _children(pid: int) -> list[int]:
    """Of a process, once it has one."""
    for _ in range(400):
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if found:
            return [int(each) for each in found]
        time.sleep(0.05)
    raise AssertionError("no process was begun")


def test_a_bench_that_somebody_works_at_is_not_cleared(tmp_path: Path) -> None:
    with bench_in(tmp_path) as bench:
        clear_benches(tmp_path)
        assert bench.is_dir()
    assert not bench.exists()


def test_what_takes_too_long_is_ended(long_clip: Path, places: Places) -> None:
    hurried = Places(places.avatars, places.models, "cpu", Limits(work_s=0.5))
    with pytest.raises(AvatarError, match="took too long; choose a shorter part"):
        made(long_clip, hurried)
    assert not list(places.avatars.iterdir())


@posix
def test_media_that_take_too_much_memory_are_refused(tmp_path: Path, places: Places) -> None:
    large = write_clip(tmp_path / "large.mp4", [grey(40, 3840, 2160)] * 15)
    narrow = Places(places.avatars, places.models, "cpu", Limits(media_memory=700 << 20))
    with pytest.raises(AvatarError, match=r"memory|cannot be decoded|crashed"):
        made(large, narrow)
    assert not list(places.avatars.iterdir())


@posix
def test_files_larger_than_the_limit_are_refused(tmp_path: Path, places: Places) -> None:
    narrow = Places(places.avatars, places.models, "cpu", Limits(disk=1 << 20))
    with pytest.raises(AvatarError, match="cannot be written"):
        made(write_clip(tmp_path / "clip.mp4", mira(20)), narrow)
    assert not list(places.avatars.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="file names of other systems are always text")
def test_a_file_whose_name_is_no_text_is_told(tmp_path: Path, places: Places) -> None:
    source = write_photo(tmp_path / "face.png", mira(1)[0]).rename(tmp_path / "\udcff.png")
    with pytest.raises(AvatarError, match="not UTF-8; rename"):
        made(source, places)
    assert not list(places.avatars.iterdir())


def test_a_process_that_reads_foreign_media_knows_no_secrets() -> None:
    told = process._without_secrets(
        {
            "PATH": "/bin",
            "LIVETALK_TOKEN": "x",
            "OPENAI_API_KEY": "y",
            "HF_TOKEN": "z",
            "LANG": "C",
            "db_password": "w",
        }
    )
    assert told == {"PATH": "/bin", "LANG": "C"}
