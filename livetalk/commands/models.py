"""`livetalk models {download,check,lean}`: the weights."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from livetalk import registry
from livetalk.assets import asset, flag_for
from livetalk.commands import STOPPED
from livetalk.commands.actions import Action, act
from livetalk.errors import SettingsError
from livetalk.models.catalogue import SETS, ModelSet, Need, model_set
from livetalk.models.check import Finding, State, has_something, inspect
from livetalk.models.download import download
from livetalk.models.hub import Hub
from livetalk.models.progress import Progress, bytes_text
from livetalk.settings import load_for

SETTINGS = ("models_dir",)


def run(arguments: Sequence[str]) -> int:
    """Do what the first word says; without one, tell what there is.

    Raises:
        LivetalkError: it cannot be done; says what to do.
    """
    progress = Progress(sys.stdout, sys.stderr)
    done = {name: Action(partial(_run, each, progress), each.text) for name, each in ACTIONS.items()}
    return act("models", "The weights of engines that do not ship with livetalk.", done, arguments)


def _run(action: ModelAction, progress: Progress, line: ArgumentParser, arguments: Sequence[str]) -> int:
    try:
        return action.run(line, arguments, progress)
    except KeyboardInterrupt:
        progress.clear()
        sys.stderr.write(f"livetalk: stopped; {action.stopped}\n")
        return STOPPED
    finally:
        progress.clear()


def _download(line: ArgumentParser, arguments: Sequence[str], progress: Progress) -> int:
    line.add_argument("names", nargs="+", metavar="NAME", help=", ".join(SETS))
    settings, own = load_for(line, SETTINGS, arguments)
    wanted = [model_set(name) for name in own.names]
    for each in wanted:
        download(each, settings.models_dir, Hub.from_environment(), progress)
        progress.say(f"{each.title} is complete in {settings.models_dir}")
    return 0


def _check(line: ArgumentParser, arguments: Sequence[str], progress: Progress) -> int:
    line.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(SETS)}; else those that are there"
    )
    line.add_argument("--quick", action="store_true", help="compare sizes, not sums")
    settings, own = load_for(line, SETTINGS, arguments)
    models = settings.models_dir
    wanted = [model_set(name) for name in own.names] or _sets_there(models)
    found: dict[Need, Finding] = {}
    complete = True
    for each in wanted:
        progress.say(f"{each.title}, in {models}")
        for need in each.needs:
            if need not in found:
                found[need] = inspect(need, models, progress.watch, quick=own.quick)
            progress.say(_row(found[need]))
        complete &= _conclude(each, [found[need] for need in each.needs], models, progress)
    return 0 if complete else 1


def _lean(line: ArgumentParser, arguments: Sequence[str], progress: Progress) -> int:
    can = [name for name in SETS if name in registry.installed("livetalk.lean")]
    line.add_argument("name", nargs="?", metavar="NAME", help=f"{', '.join(can)}; else the one that is there")
    line.add_argument("--to", type=Path, metavar="FOLDER", help="a new folder (models-lean, beside models)")
    settings, own = load_for(line, SETTINGS, arguments)
    models = settings.models_dir
    target: Path = own.to or models.with_name(f"{models.name}-lean")
    wanted = model_set(own.name) if own.name else _sets_there(models)[0]
    if wanted.name not in can:
        raise SettingsError(f"{wanted.title} is small as it is; lean weights are made of: {', '.join(can)}")
    progress.say(f"{wanted.title}: reading {models}; this takes a while, and memory")
    registry.make_lean(wanted.name, models, target)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    progress.say(f"wrote {target}, {bytes_text(size)}; to stream with it: --models-dir {target}")
    return 0


def _sets_there(models: Path) -> list[ModelSet]:
    """Those of which something is there; the first, where nothing is."""
    return [each for each in SETS.values() if has_something(models, each)] or [next(iter(SETS.values()))]


def _row(finding: Finding) -> str:
    there = finding.state not in (State.MISSING, State.ELSEWHERE)
    size = finding.path.stat().st_size if there else finding.file.size or 0
    row = f"  {finding.state.value:9}  {bytes_text(size):>7}  {finding.file.place}"
    return f"{row}  ({finding.note})" if finding.note else row


def _conclude(wanted: ModelSet, findings: Sequence[Finding], models: Path, progress: Progress) -> bool:
    bad = [each for each in findings if not each.usable]
    if not bad:
        progress.say("  complete")
        return True
    there = flag_for("--models-dir", models, asset("models"))
    progress.say(
        f"  {len(bad)} not usable; bring what is missing: livetalk models download {wanted.name}{there}"
    )
    return False


@dataclass(frozen=True, slots=True)
class ModelAction:
    """What the word after `livetalk models` does, telling how far it is."""

    run: Callable[[ArgumentParser, Sequence[str], Progress], int]
    text: str
    stopped: str = "nothing was changed"
    """what is so after Ctrl+C"""


ACTIONS = {
    "download": ModelAction(
        _download,
        "Fetch weights from the hub that HF_ENDPOINT names, put those that lie in a wrong folder into place, "
        "and check all of them.",
        "what came so far is kept, the next call goes on from there",
    ),
    "check": ModelAction(_check, "Tell which weights are there, which are not, and what brings them."),
    "lean": ModelAction(_lean, "Write what streaming needs and no more, in half precision, as a new folder."),
}


__all__ = ["run"]
