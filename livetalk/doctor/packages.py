"""Which packages are installed, which the settings ask for, and what brings those that are missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata

from livetalk.doctor.finding import Finding, Mark
from livetalk.errors import PluginError
from livetalk.registry import make_engine, output_kind
from livetalk.settings import Settings, chosen_stt, parse_outputs

_REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)[^;>]*(>=\s*(?P<least>[\d.]+))?[^;]*(;.*extra == .(?P<extra>[\w-]+))?"
)
SAME = {"preview": "camera", "sound": "camera", "faster-whisper": "whisper"}
"""plugins whose extra is called otherwise"""
DEVELOPMENT = frozenset({"test", "train", "avatar"})
"""extras for those who change livetalk"""


@dataclass(frozen=True, slots=True)
class _Requirement:
    name: str
    least: str
    """version, "" for any"""

    @property
    def problem(self) -> str:
        """What is wrong with it here; "" for nothing."""
        try:
            there = metadata.version(self.name)
        except metadata.PackageNotFoundError:
            return self.name
        return (
            f"{self.name} {there} instead of {self.least}" if _numbers(there) < _numbers(self.least) else ""
        )


def packages(settings: Settings) -> Sequence[Finding]:
    """Those that livetalk needs, those of extras that the settings ask for, and extras that are not there."""
    try:
        groups = _groups()
    except metadata.PackageNotFoundError:
        return [
            Finding(
                "packages",
                Mark.WARN,
                "livetalk runs from its folder and is not installed, so what it needs is not known",
                "pip install -e .",
            )
        ]
    bad = {extra: _problems(needs) for extra, needs in groups.items()}
    wanted = ["", *sorted(wanted_extras(settings) & bad.keys())]
    missing = [problem for extra in wanted for problem in bad[extra]]
    if missing:
        extras = ",".join(extra for extra in wanted if extra and bad[extra])
        command = f'pip install "livetalk[{extras}]"' if extras else "pip install --upgrade livetalk"
        return [Finding("packages", Mark.FAIL, f"missing: {', '.join(missing)}", command)]
    found = f"all {sum(len(groups[extra]) for extra in wanted)} that these settings need"
    if rest := sorted(extra for extra, problems in bad.items() if problems and extra not in DEVELOPMENT):
        found += "; not installed: " + ", ".join(f"livetalk[{extra}]" for extra in rest)
    return [Finding("packages", Mark.OK, found)]


def wanted_extras(settings: Settings) -> set[str]:
    """Names of extras that the chosen plugins would have: their own names, as a rule."""
    names = {SAME.get(kind, kind) for kind in (settings.tts, chosen_stt(settings), *output_kinds(settings))}
    try:
        return names | {make_engine(settings.engine).spec.avatars}
    except PluginError:  # told by the check of the engine
        return names


def output_kinds(settings: Settings) -> set[str]:
    """The plugins of the outputs that sessions may be carried to: camera, rtmp, file ..."""
    return {output_kind(target) for target in parse_outputs(settings.outputs).values()}


def extra_of(package: str) -> str:
    """What to tell pip, to bring a package."""
    try:
        groups = _groups()
    except metadata.PackageNotFoundError:
        return package
    extras = [extra for extra, needs in groups.items() if extra and package in {need.name for need in needs}]
    return f'"livetalk[{extras[0]}]"' if extras else package


def _groups() -> Mapping[str, list[_Requirement]]:
    """Extra -> what it brings; "" is what everybody needs."""
    groups: dict[str, list[_Requirement]] = {"": []}
    for line in metadata.requires("livetalk") or ():
        match = _REQUIREMENT.match(line)
        if match is not None and match["name"] != "livetalk":
            groups.setdefault(match["extra"] or "", []).append(
                _Requirement(match["name"], match["least"] or "")
            )
    return groups


def _problems(needs: Sequence[_Requirement]) -> list[str]:
    return [problem for need in needs if (problem := need.problem)]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])


__all__ = ["extra_of", "output_kinds", "packages", "wanted_extras"]
