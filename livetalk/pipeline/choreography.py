"""Choreography: which of an avatar's pictures each pose shows, the body's walk or an action."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.manifest import Action
from livetalk.types import Shown

DISSOLVE_FRAMES = 8
"""from the body into an action, and back: 0.3 s"""
KEPT = 4
"""stretches of the past, for pictures that are drawn late"""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From a pose on, either the body's walk or an action."""

    first: int
    body: int
    """position of the body at the first pose; an action lets it stand"""
    name: str = ""
    action: Action | None = None
    """of that name"""
    loops: bool = False


_WALK = _Stretch(0, 0)


class Choreography:
    """Of one avatar; asked and told under its owner's lock. What was told once stays so."""

    def __init__(self, bundle: AvatarBundle) -> None:
        self._bundle = bundle
        self._stretches: deque[_Stretch] = deque([_WALK])
        self._latest = -1
        """the last pose that was asked for"""

    def acted(self, pose: int) -> str:
        """The name of the action that a pose belongs to, "" where the body walks."""
        return self._stretches[self._at(pose)].name

    def act(self, pose: int) -> Shown | None:
        """What is seen at a pose, None where the body alone walks; it is settled up to there from then on."""
        shown = self.shown(pose)
        plain = self._stretches[0] == _WALK and len(self._stretches) == 1
        return None if plain else shown

    def shown(self, pose: int) -> Shown:
        """What is seen at a pose; it is settled up to there from then on."""
        self._latest = max(self._latest, pose)
        place = self._at(pose)
        stretch = self._stretches[place]
        since = pose - stretch.first
        frame = self._frame(stretch, since)
        lips = stretch.action is None or stretch.action.lips
        if place == 0 or since >= DISSOLVE_FRAMES:
            return Shown(frame, lips=lips)
        before = self._stretches[place - 1]
        left = self._frame(before, stretch.first - before.first - 1)
        return Shown(frame, left, (since + 1) / (DISSOLVE_FRAMES + 1), lips)

    def play(self, name: str, *, loops: bool = False, at: int | None = None) -> int:
        """Show an action from the next pose on that is not settled, or from `at`; give the pose after it.

        One that loops goes on until it is ended, or another one begins.

        Raises:
            KeyError: the avatar has no such action.
        """
        action = self._bundle.manifest.actions[name]
        first = max(self._latest + 1, at or 0)
        self._begin(_Stretch(first, self._body(first), name, action, loops))
        end = first + action.frames
        if not loops:
            self._begin(_Stretch(end, self._body(first)))
        return end

    def end(self) -> None:
        """Go back to the walk, from the next pose on that is not settled."""
        first = self._latest + 1
        if self._stretches[self._at(first)].action is not None:
            self._begin(_Stretch(first, self._body(first)))

    def silence(self, pose: int) -> None:
        """Speech was cut off: nothing is settled from a pose on, and no action with a sound is seen there."""
        self._latest = min(self._latest, pose - 1)
        coming = [*self._stretches][self._at(pose) :]
        if any(stretch.action is not None and stretch.action.sound for stretch in coming):
            self._begin(_Stretch(pose, self._body(pose)))

    def _begin(self, stretch: _Stretch) -> None:
        while len(self._stretches) > 1 and self._stretches[-1].first >= stretch.first:
            self._stretches.pop()
        self._stretches.append(stretch)
        while len(self._stretches) > KEPT and self._stretches[1].first <= self._latest:
            self._stretches.popleft()

    def _at(self, pose: int) -> int:
        """The stretch that a pose belongs to."""
        found = [place for place, stretch in enumerate(self._stretches) if stretch.first <= pose]
        return found[-1] if found else 0

    def _body(self, pose: int) -> int:
        """Where the body stands at a pose."""
        stretch = self._stretches[self._at(pose)]
        return stretch.body if stretch.action else stretch.body + pose - stretch.first

    def _frame(self, stretch: _Stretch, since: int) -> int:
        if stretch.action is None:
            return self._bundle.fold(stretch.body + since)
        action = stretch.action
        return action.first + (since % action.frames if stretch.loops else min(since, action.frames - 1))


__all__ = ["DISSOLVE_FRAMES", "Choreography"]
