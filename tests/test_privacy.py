"""Nobody is told what is done here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from livetalk.assets import asset

HEAR = """
import sys
from pathlib import Path
from livetalk.engines.viseme.network import LipNetwork
LipNetwork(Path(sys.argv[1]))
"""
SWITCH = "ORT_DISABLE_TELEMETRY"


def kept_by_onnxruntime(home: Path) -> list[Path]:
    """What it writes into a home while the lips' network is opened: an identifier, a queue to be sent."""
    home.mkdir()
    inherited = {name: value for name, value in os.environ.items() if name not in (SWITCH, "XDG_CACHE_HOME")}
    subprocess.run(
        [sys.executable, "-c", HEAR, str(asset("models") / "viseme" / "lips.onnx")],
        env={**inherited, "HOME": str(home)},
        check=True,
        timeout=60,
    )
    return [file for file in home.rglob("*") if file.is_file()]


def test_onnxruntime_keeps_no_record_to_send(tmp_path: Path) -> None:
    assert kept_by_onnxruntime(tmp_path / "home") == []


def test_who_wants_it_to_can_have_it_so(tmp_path: Path) -> None:
    told = "import livetalk, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    for own, kept in (({}, "1"), ({SWITCH: "0"}, "0")):
        inherited = {name: value for name, value in os.environ.items() if name != SWITCH}
        ran = subprocess.run(
            [sys.executable, "-c", told], env={**inherited, **own}, check=True, capture_output=True, text=True
        )
        assert ran.stdout.strip() == kept
