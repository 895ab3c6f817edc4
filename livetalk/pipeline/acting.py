"""Acting: what an avatar does at each pose, by itself or because it was asked to."""

from __future__ import annotations

from random import Random

from livetalk.avatar.bundle import AvatarBundle
from livetalk.pipeline.choreography import Choreography
from livetalk.pipeline.plan import Planner
from livetalk.types import SessionState, Shown


class Acting:
    """Of one avatar; asked and told under its owner's lock."""

    def __init__(self, bundle: AvatarBundle, seen: str = "", random: Random | None = None) -> None:
        """Begin with its walk; `seen` is the action that was told of last, of the avatar before."""
        self.seen = seen
        """the action that was told of last"""
        self._actions = bundle.manifest.actions
        self._choreography = Choreography(bundle)
        self._planner = Planner(bundle.manifest.plan, self._choreography, random or Random())

    def act(self, pose: int) -> Shown | None:
        """What is seen at a pose, None where the body alone walks; it is settled up to there from then on."""
        return self._choreography.act(pose)

    def shown(self, pose: int) -> Shown:
        """The same, the walk told, too."""
        return self._choreography.shown(pose)

    def play(self, action: str, *, loops: bool, at: int) -> None:
        """Show an action from a pose on, or as soon as can be; an avatar that has none such walks on."""
        if action in self._actions:
            self._choreography.play(action, loops=loops, at=at)

    def end(self) -> None:
        """Go back to the walk."""
        self._choreography.end()

    def silence(self, pose: int) -> None:
        """Speech was cut off: from a pose on, no action with a sound of its own is seen."""
        self._choreography.silence(pose)

    def tick(self, state: SessionState, pose: int) -> str | None:
        """The session is in this state and shows this pose: the action that is seen from now on.

        "" is the walk, None what was seen before.
        """
        self._planner.tick(state, pose)
        before, self.seen = self.seen, self._choreography.acted(pose)
        return None if self.seen == before else self.seen


__all__ = ["Acting"]
