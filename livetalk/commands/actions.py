"""Commands of several actions: the word after the command says which."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from livetalk import flags
from livetalk.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Action:
    """What such a word does."""

    run: Callable[[ArgumentParser, Sequence[str]], int]
    """of its own line, and what was given; the exit status comes back"""
    text: str
    epilog: str = ""


def act(command: str, text: str, actions: Mapping[str, Action], arguments: Sequence[str]) -> int:
    """Do what the first word says; without one, tell what there is.

    Raises:
        SettingsError: there is no such action.
        LivetalkError: what the action raises.
    """
    given = list(arguments)
    if not given or given[0].startswith("-"):
        line = flags.parser(command, text)
        listed = line.add_subparsers(title="actions", metavar="ACTION")
        for name, action in actions.items():
            listed.add_parser(name, help=action.text)
        line.parse_args(given)
        line.print_help()
        return 0
    name = given.pop(0)
    if name not in actions:
        raise SettingsError(f"unknown action {name!r}; there are: {', '.join(actions)}")
    action = actions[name]
    return action.run(flags.parser(f"{command} {name}", action.text, action.epilog), given)


__all__ = ["Action", "act"]
