from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from livetalk import registry
from livetalk.engines.viseme.engine import VisemeEngine
from livetalk.errors import ModelError, PluginError
from livetalk.protocols import VoiceOptions
from livetalk.registry import installed, make_engine, make_lean, make_tts
from tests.fakes import FakeEngine, FakeTTS

ENGINES, VOICES = "livetalk.engines", "livetalk.tts"


@pytest.fixture(autouse=True)
def _foreign_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other packages on this machine would bring."""
    foreign = EntryPoints(
        [
            EntryPoint("fake", "tests.fakes:FakeEngine", ENGINES),
            EntryPoint("viseme", "tests.fakes:FakeEngine", ENGINES),
            EntryPoint("square", "tests.fakes:FakeTTS", VOICES),
            EntryPoint("gone", "no_such_package_at_all:Voice", VOICES),
        ]
    )
    monkeypatch.setattr(registry, "entry_points", lambda group: foreign.select(group=group))


def test_the_built_in_engine_is_made_and_loads_nothing() -> None:
    assert isinstance(make_engine("viseme"), VisemeEngine)


def test_plugins_of_others_are_found_by_their_entry_points() -> None:
    assert isinstance(make_engine("fake"), FakeEngine)


def test_a_voice_plugin_is_made_with_the_options_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[VoiceOptions] = []
    monkeypatch.setattr(FakeTTS, "__init__", lambda self, options: asked.append(options))
    assert isinstance(make_tts("square", LOW), FakeTTS)
    assert asked == [LOW]


def test_nobody_can_take_the_place_of_a_built_in_plugin() -> None:
    assert installed(ENGINES)["viseme"] == "livetalk.engines.viseme.engine:VisemeEngine"


LOW = VoiceOptions(voice="low")
KNOWN = "fake, musetalk, musetalk-taesd, viseme"


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(PluginError, match="unknown engine .visem.; installed are: " + KNOWN):
        make_engine("visem")
    with pytest.raises(PluginError, match=r"unknown voice plugin 'x'; installed are: .*espeak.*gone.*square"):
        make_tts("x", LOW)


def test_lean_weights_are_made_by_whoever_has_that_network(tmp_path: Path) -> None:
    with pytest.raises(
        PluginError, match=r"unknown lean weights of 'x'; installed are: musetalk, musetalk-v10"
    ):
        make_lean("x", tmp_path, tmp_path / "lean")
    with pytest.raises(ModelError, match="is there already"):
        make_lean("musetalk", tmp_path, tmp_path)


def test_a_missing_package_is_named() -> None:
    with pytest.raises(PluginError, match="no_such_package_at_all"):
        make_tts("gone", LOW)


def test_a_name_is_a_name_and_no_path_into_python() -> None:
    with pytest.raises(PluginError, match="unknown"):
        make_engine("os:system")


def test_only_the_chosen_plugin_is_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("chosen_plugin", "other_plugin"):
        (tmp_path / f"{name}.py").write_text("class Engine: pass\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    both = EntryPoints(EntryPoint(name, f"{name}_plugin:Engine", ENGINES) for name in ("chosen", "other"))
    monkeypatch.setattr(registry, "entry_points", lambda group: both)
    make_engine("chosen")
    assert "chosen_plugin" in sys.modules
    assert "other_plugin" not in sys.modules
