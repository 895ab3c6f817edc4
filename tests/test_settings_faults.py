from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from livetalk import registry
from livetalk.errors import PluginError, SettingsError
from livetalk.events import ClosedEvent, Event, Events
from livetalk.registry import make_engine
from livetalk.settings import load


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_blank_turn_secret_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVETALK_TURN_SECRET", " ")
    with pytest.raises(SettingsError, match="LIVETALK_TURN_SECRET is blank"):
        load([])


@pytest.mark.parametrize("token", ["", " ", "\n"])
def test_an_empty_token_is_no_token(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("LIVETALK_TOKEN", token)
    with pytest.raises(SettingsError, match="LIVETALK_TOKEN"):
        load(["--host", "0.0.0.0"])


@pytest.mark.parametrize("host", ["127.evil.example", "127.0.0.1.nip.io", "127.1.1.1a"])
def test_a_name_that_only_looks_like_loopback_needs_a_token(host: str) -> None:
    with pytest.raises(SettingsError, match="LIVETALK_TOKEN"):
        load(["--host", host])


def test_a_list_in_the_environment_is_read_like_one_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIVETALK_CORS_ORIGINS", "https://a.example,https://b.example")
    assert load([]).cors_origins == ("https://a.example", "https://b.example")


def test_a_value_that_has_the_word_token_in_it_is_no_token() -> None:
    assert load(["--avatar", "my--token-face"]).avatar == "my--token-face"


@pytest.mark.parametrize("text", ["[]", "false", "0", "''"])
def test_a_file_that_is_no_mapping_is_refused_even_when_it_is_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(SettingsError, match="must hold"):
        load(["--config", "s.yaml"])


def test_a_plugin_without_its_factory_is_a_plugin_error(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("lame", "tests.fakes:NoSuchEngine", "livetalk.engines")
    monkeypatch.setattr(registry, "entry_points", lambda group: EntryPoints([entry]))
    with pytest.raises(PluginError, match="lame"):
        make_engine("lame")


def test_an_entry_point_with_extras_or_a_dotted_factory_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("fake", "tests.fakes:FakeEngine [gpu]", "livetalk.engines")
    monkeypatch.setattr(registry, "entry_points", lambda group: EntryPoints([entry]))
    assert make_engine("fake")


def test_another_packages_missing_dependency_is_not_sought_in_our_extras(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = EntryPoint("foreign", "no_such_package:Engine", "livetalk.engines")
    monkeypatch.setattr(registry, "entry_points", lambda group: EntryPoints([entry]))
    with pytest.raises(PluginError) as missing:
        make_engine("foreign")
    assert "livetalk[foreign]" not in str(missing.value)


def test_a_listener_that_breaks_does_not_keep_others_from_hearing() -> None:
    events, heard = Events(), list[Event]()

    def broken(event: Event) -> None:
        raise RuntimeError("Event loop is closed")

    events.listen(broken)
    events.listen(heard.append)
    events.tell(ClosedEvent())
    assert heard == [ClosedEvent()]
