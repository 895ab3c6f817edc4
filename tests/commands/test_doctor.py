from __future__ import annotations

import json
from pathlib import Path

import pytest

from livetalk.cli import main


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_machine_that_has_all_that_the_defaults_need_is_healthy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["doctor", "--port", "0"]) == 0
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("ok")][:3] == [
        "python",
        "packages",
        "engine",
    ]
    assert lines[-1].endswith("0 fail")
    assert told.err == ""


def test_what_fails_is_told_with_what_to_do_and_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVETALK_TOKEN", "the-s3cret-token")
    monkeypatch.setenv("LIVETALK_TURN_SECRET", "the-s3cret-of-turn")
    servers = "turn:127.0.0.1:1?transport=tcp,turn:ann:s3cret@127.0.0.1:1?transport=tcp"
    flags = ["--ice-servers", servers, "--avatar", "nobody", "--port", "0", "--host", "0.0.0.0"]
    assert main(["doctor", "--json", *flags]) == 1
    told = capsys.readouterr().out
    assert "s3cret" not in told
    report = json.loads(told)
    assert report["healthy"] is False
    failed = {each["name"]: each for each in report["findings"] if each["mark"] == "fail"}
    assert failed.keys() == {"avatar", "ice servers"}
    assert all(each["todo"] for each in failed.values())


@pytest.mark.parametrize("as_json", [True, False])
def test_settings_that_cannot_be_read_are_a_finding_too(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--port", "-1", *(["--json"] if as_json else [])]) == 1
    told = capsys.readouterr().out
    if as_json:
        (finding,) = json.loads(told)["findings"]
        assert (finding["name"], finding["mark"]) == ("settings", "fail")
    else:
        assert told.startswith("fail  settings")
