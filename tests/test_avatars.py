from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from livetalk.assets import asset
from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatars import Avatars
from livetalk.errors import AvatarError, InvalidRequest, NotFound
from livetalk.metrics import Metrics
from livetalk.protocols import EngineAvatar, EngineSpec
from tests.avatar.test_foreign import write_folder
from tests.fakes import WAIT_S, FakeAvatar, FakeEngine, background, blocks, counted

MEGABYTE = 1 << 20


class OpeningEngine(FakeEngine):
    """Writes down what it opens; each avatar takes a megabyte."""

    spec = EngineSpec("another", best_batch=4, context_ms=40, family="musetalk")

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.gates: dict[str, threading.Event] = {}

    def open_avatar(self, bundle: AvatarBundle) -> EngineAvatar:
        if bundle.id in self.gates:
            assert self.gates[bundle.id].wait(WAIT_S)
        self.opened.append(bundle.id)
        return FakeAvatar(memory=MEGABYTE)


@pytest.fixture
def engine() -> OpeningEngine:
    return OpeningEngine()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        write_folder(tmp_path / "avatars" / name)
    shutil.copytree(asset("data") / "avatars" / "default", tmp_path / "avatars" / "default")
    (tmp_path / "avatars" / "notes").mkdir()
    return tmp_path / "avatars"


def avatars(folder: Path, engine: OpeningEngine, megabytes: float, metrics: Metrics | None = None) -> Avatars:
    memory = int(megabytes * MEGABYTE)
    return Avatars(folder, folder.parent / "cache", engine, memory, metrics or Metrics())


def test_those_that_the_engine_can_show_are_listed_bundles_and_folders_of_other_programs(
    folder: Path, engine: OpeningEngine
) -> None:
    made = shutil.copytree(folder / "default", folder / "made")
    manifest = (made / "avatar.json").read_text()
    (made / "avatar.json").write_text(
        manifest.replace('"viseme"', '"musetalk"').replace('"default"', '"made"')
    )
    (folder / "broken").mkdir()
    (folder / "broken" / "avatar.json").write_text("{")
    kept = avatars(folder, engine, 9)
    assert kept.ids() == ["a", "b", "c", "made"]
    assert [kept.has(name) for name in ("a", "default", "broken", "notes", "nobody", "../a")] == [
        *(True, True, True),
        *(False, False, False),
    ]


def test_an_avatar_is_opened_once_and_stays_warm(folder: Path, engine: OpeningEngine) -> None:
    kept = avatars(folder, engine, 9)
    assert kept.get("a") is kept.get("a")
    assert engine.opened == ["a"]


def test_what_was_asked_for_least_recently_goes_when_memory_is_full(
    folder: Path, engine: OpeningEngine
) -> None:
    metrics = Metrics()
    kept = avatars(folder, engine, 2, metrics)
    for name in ("a", "b", "a", "c", "a", "b"):
        kept.get(name)
    assert engine.opened == ["a", "b", "c", "b"]
    assert counted(metrics, "avatars_warm") == 2
    assert counted(metrics, "avatars_warm_bytes") == 2 * MEGABYTE


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("nobody", "no avatar 'nobody'; there are: a, b, c"),
        ("", "no avatar ''; "),
        ("../a", "no avatar '../a'; "),
        ("a\x1b[2J\n\u202eb", r"no avatar 'a\x1b[2J\n\u202eb'; "),
        ("x" * 100_000, f"no avatar '{'x' * 64}…'; "),
    ],
)
def test_an_unknown_avatar_is_named_shortly_and_with_nothing_that_acts(
    folder: Path, engine: OpeningEngine, asked: str, told: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        avatars(folder, engine, 9).get(asked)
    assert str(refused.value).startswith(told)


def test_one_avatar_stays_warm_however_large(folder: Path, engine: OpeningEngine) -> None:
    kept = avatars(folder, engine, 0.1)
    assert kept.get("a") is kept.get("a")


def test_a_cold_avatar_holds_up_nobody_who_asks_for_another(folder: Path, engine: OpeningEngine) -> None:
    kept = avatars(folder, engine, 9)
    kept.get("a")
    engine.gates["b"] = threading.Event()
    cold = [background(lambda: kept.get("b")) for _ in range(2)]
    assert all(blocks(each) for each in cold)
    assert kept.get("a")
    assert kept.get("c")
    engine.gates["b"].set()
    assert cold[0].result(WAIT_S) is cold[1].result(WAIT_S)
    assert engine.opened == ["a", "c", "b"]


@pytest.mark.parametrize("name", ["nobody", "../a", "notes", ""])
def test_who_is_not_there_is_refused_with_those_who_are(
    folder: Path, engine: OpeningEngine, name: str
) -> None:
    with pytest.raises(InvalidRequest, match="there are: a, b, c"):
        avatars(folder, engine, 9).get(name)


def test_a_damaged_one_can_be_asked_for_again_when_it_was_mended(folder: Path, engine: OpeningEngine) -> None:
    kept = avatars(folder, engine, 9)
    picture = folder / "a" / "full_imgs" / "00000002.png"
    content = picture.read_bytes()
    picture.write_bytes(b"")
    with pytest.raises(AvatarError, match="00000002"):
        kept.get("a")
    picture.write_bytes(content)
    assert kept.get("a")


def test_a_thumbnail_is_found_without_opening_the_avatar(folder: Path, engine: OpeningEngine) -> None:
    kept = avatars(folder, engine, 9)
    assert kept.thumbnail("default") == folder / "default" / "thumbnail.jpg"
    assert kept.thumbnail("a").parent == folder / "a" / "full_imgs"
    assert engine.opened == []
    assert not (folder.parent / "cache").exists()


@pytest.mark.parametrize(("name", "file"), [("default", "thumbnail.jpg"), ("a", "full_imgs/00000000.png")])
def test_a_thumbnail_that_is_something_else_is_refused(
    folder: Path, engine: OpeningEngine, name: str, file: str
) -> None:
    secret = folder.parent / "secret"
    secret.write_text("nobody's business")
    (folder / name / file).unlink()
    (folder / name / file).symlink_to(secret)
    with pytest.raises(AvatarError, match=r"thumbnail|not a PNG"):
        avatars(folder, engine, 9).thumbnail(name)


def test_a_thumbnail_of_nobody_is_refused(folder: Path, engine: OpeningEngine) -> None:
    with pytest.raises(InvalidRequest, match=r"no avatar '\.\./a'"):
        avatars(folder, engine, 9).thumbnail("../a")


def test_who_is_warm_is_known_without_opening(folder: Path, engine: OpeningEngine) -> None:
    kept = avatars(folder, engine, 9)
    assert kept.warm("a") is None
    assert kept.get("a") is kept.warm("a")


def test_one_that_is_deleted_while_it_is_opened_does_not_stay_warm(
    folder: Path, engine: OpeningEngine
) -> None:
    kept = avatars(folder, engine, 9)
    gate = engine.gates["a"] = threading.Event()
    opening = background(lambda: kept.get("a"))
    assert blocks(opening)
    deleting = background(lambda: kept.delete("a"))
    assert blocks(deleting)
    gate.set()
    assert opening.result(WAIT_S)
    deleting.result(WAIT_S)
    assert kept.warm("a") is None
    assert not list((folder.parent / "cache").glob("a-*"))
    with pytest.raises(InvalidRequest, match="no avatar 'a'"):
        kept.get("a")


def test_one_that_is_changed_while_it_is_opened_does_not_stay_warm(
    folder: Path, engine: OpeningEngine
) -> None:
    kept = avatars(folder, engine, 9)
    gate = engine.gates["a"] = threading.Event()
    opening = background(lambda: kept.get("a"))
    assert blocks(opening)
    changing = background(lambda: kept.forget("a"))
    assert blocks(changing)
    gate.set()
    assert opening.result(WAIT_S)
    changing.result(WAIT_S)
    assert kept.warm("a") is None


def test_one_that_becomes_another_while_it_is_opened_is_opened_as_that(
    folder: Path, engine: OpeningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = avatars(folder, engine, 9)
    opens = OpeningEngine.open_avatar

    def halfway(engine: OpeningEngine, bundle: AvatarBundle) -> EngineAvatar:
        if not engine.opened:
            engine.opened.append("half")
            shutil.copytree(folder / "a", folder / "new")
            (folder / "a").rename(folder / "old")
            (folder / "new").rename(folder / "a")
            raise AvatarError("not the file it was made with")
        return opens(engine, bundle)

    monkeypatch.setattr(OpeningEngine, "open_avatar", halfway)
    assert kept.get("a")
    assert engine.opened == ["half", "a"]


def test_what_the_cache_has_of_one_before_it_was_changed_goes(folder: Path, engine: OpeningEngine) -> None:
    kept = avatars(folder, engine, 9)
    kept.bundle("default")
    cache = folder.parent / "cache"
    (now,) = {path.stem for path in cache.glob("*.i420")}
    shape = now.rsplit("-", 1)[1]
    others = [f"default-{'0' * 16}-{shape}.{kind}" for kind in ("i420", "matte", "i420abc_killed")]
    for name in (*others, f"default-2-{'0' * 16}-{shape}.i420", "recordings"):
        (cache / name).write_bytes(b"")
    before = {path.name for path in cache.iterdir()}
    kept.forget("default")
    assert before - {path.name for path in cache.iterdir()} == {*others}
    (folder / "default" / "avatar.json").write_text("{")
    kept.forget("default")


def test_one_that_is_not_there_is_not_deleted(folder: Path, engine: OpeningEngine) -> None:
    for name in ("nobody", "..", "notes"):
        with pytest.raises(NotFound, match="no avatar"):
            avatars(folder, engine, 9).delete(name)
