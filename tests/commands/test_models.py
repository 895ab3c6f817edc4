"""The command as people type it, against a hub on this machine."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from livetalk.cli import main
from livetalk.models import catalogue
from livetalk.models.progress import Progress
from tests.models.faces import UNET, checkpoint, publish
from tests.models.hub_server import HubServer, running


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub with small files, which stand in the catalogue in place of the large ones."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with running() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setattr(catalogue, "SETS", {"musetalk": publish(server)})
        monkeypatch.setattr("livetalk.commands.models.SETS", catalogue.SETS)
        yield server


@pytest.fixture
def models(tmp_path: Path) -> str:
    return str(tmp_path / "the models")


def test_without_an_action_it_tells_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    told = capsys.readouterr().out
    assert all(word in told for word in ("download", "check", "lean"))


def test_an_unknown_action_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "fetch"]) == 1
    assert "unknown action 'fetch'; there are: download, check, lean" in capsys.readouterr().err


@pytest.mark.parametrize("action", ["download", "check", "lean"])
def test_unknown_models_are_named_with_those_there_are(
    capsys: pytest.CaptureFixture[str], action: str
) -> None:
    assert main(["models", action, "wav2lip"]) == 1
    assert "unknown models 'wav2lip'; there are: musetalk, musetalk-v10" in capsys.readouterr().err


def test_what_a_check_finds_missing_is_brought_by_the_command_that_it_names(
    server: HubServer, models: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "check", "--models-dir", models]) == 1
    told = capsys.readouterr().out
    assert "missing" in told
    assert f"livetalk models download musetalk --models-dir '{models}'" in told
    assert main(["models", "download", "musetalk", "--models-dir", models]) == 0
    assert f"MuseTalk is complete in {models}" in capsys.readouterr().out
    assert main(["models", "check", "--models-dir", models]) == 0
    assert main(["models", "check", "--quick", "musetalk", "--models-dir", models]) == 0
    assert "complete" in capsys.readouterr().out


def test_a_check_notes_weights_of_ones_own_and_is_content(
    server: HubServer, models: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["models", "download", "musetalk", "--models-dir", models])
    Path(models, "musetalkV15", "unet.pth").write_bytes(checkpoint(8))
    capsys.readouterr()
    assert main(["models", "check", "--models-dir", models]) == 0
    assert "musetalkV15/unet.pth  (not the published file)" in capsys.readouterr().out


def test_ctrl_c_says_that_the_next_call_goes_on_and_it_does(
    server: HubServer, models: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def press_ctrl_c(progress: Progress, label: str, done: int, size: int) -> None:
        if label == "musetalkV15/unet.pth":
            signal.raise_signal(signal.SIGINT)

    server.faults.cuts = [5000]
    with monkeypatch.context() as patch:
        patch.setattr(Progress, "watch", press_ctrl_c)
        assert main(["models", "download", "musetalk", "--models-dir", models]) == 130
    assert "stopped; what came so far is kept" in capsys.readouterr().err
    assert Path(models, "musetalkV15", "unet.pth.part").read_bytes() == UNET[:5000]
    assert main(["models", "download", "musetalk", "--models-dir", models]) == 0
    assert "bytes=5000-" in [each.range for each in server.asked("store")]
    assert Path(models, "musetalkV15", "unet.pth").read_bytes() == UNET


def test_a_failure_is_one_line_that_names_the_file(
    server: HubServer, models: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults.statuses = [404] * 3
    assert main(["models", "download", "musetalk", "--models-dir", models]) == 1
    told = capsys.readouterr().err
    assert "whisper/pytorch_model.bin of people/faces is not at http://127.0.0.1" in told
    assert told.count("\n") == 1


def test_a_lean_folder_in_the_place_of_another_is_refused(
    models: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(f"{models}-lean").mkdir()
    assert main(["models", "lean", "--models-dir", models]) == 1
    assert f"{models}-lean is there already; move it away, or name another folder: --to" in (
        capsys.readouterr().err
    )
