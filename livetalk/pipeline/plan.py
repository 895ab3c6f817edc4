"""The plan: what an avatar does by itself while it idles, listens, thinks or speaks."""

from __future__ import annotations

from random import Random

from livetalk.avatar.manifest import Cue, Plan
from livetalk.pipeline.choreography import Choreography
from livetalk.types import FPS, SessionState


class Planner:
    """Asked once a tick, under its owner's lock."""

    def __init__(self, plan: Plan, choreography: Choreography, random: Random) -> None:
        self._plan = plan
        self._choreography = choreography
        self._random = random
        self._state: SessionState | None = None
        self._wait = 0
        """ticks until the next action"""
        self._going_on = ""
        """an action of the plan that goes on while the state lasts"""

    def tick(self, state: SessionState, pose: int) -> None:
        """The session is in this state, and shows this pose."""
        acted = self._choreography.acted(pose)
        if state != self._state:
            self._state = state
            self._begin(acted)
        cue = self._plan.get(state)
        if cue is None or acted:
            return
        self._wait -= 1
        if self._wait > 0:
            return
        name = self._random.choice(cue.actions)
        self._choreography.play(name, loops=cue.every_s is None, at=pose + 1)
        self._going_on = name if cue.every_s is None else ""
        self._wait = self._pause(cue)

    def _begin(self, acted: str) -> None:
        """The state is another one now."""
        if self._going_on and acted == self._going_on:
            self._choreography.end()
        self._going_on = ""
        assert self._state is not None
        cue = self._plan.get(self._state)
        self._wait = 0 if cue is None else self._pause(cue)

    def _pause(self, cue: Cue) -> int:
        return round(self._random.uniform(*cue.every_s) * FPS) if cue.every_s else 0


__all__ = ["Planner"]
