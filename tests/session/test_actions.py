from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.manifest import Action, Cue
from livetalk.errors import InvalidRequest
from livetalk.events import StateEvent
from livetalk.parts import Parts
from livetalk.session import Session
from livetalk.types import FRAME_SAMPLES
from tests.fakes import FakeAvatar
from tests.player import Player

LOOP, WAVE, LINE = 100, 100, 120
"""index of the first picture of each"""


def speech(seconds: float) -> bytes:
    """A sound whose level tells its 40 ms."""
    ticks = round(seconds * 25)
    levels = np.repeat(np.arange(1, ticks + 1) * 500, FRAME_SAMPLES).astype(np.int16)
    file = io.BytesIO()
    soundfile.write(file, levels, 16_000, format="WAV")
    return file.getvalue()


@pytest.fixture
def avatar(tmp_path: Path) -> FakeAvatar:
    """One that can wave, and say a line of its own."""
    actions = {
        "wave": Action(video="a.mp4", first=WAVE, frames=20),
        "line": Action(video="a.mp4", first=LINE, frames=25, lips=False, sound="line.wav"),
    }
    avatar = FakeAvatar(LOOP, actions=actions)
    (tmp_path / "line.wav").write_bytes(speech(1.0))
    avatar.bundle = AvatarBundle(tmp_path, avatar.bundle.manifest, avatar.bundle.pictures)
    return avatar


@pytest.fixture
def session(parts: Parts, avatar: FakeAvatar) -> Iterator[Session]:
    session = Session("one", parts, avatar)
    session.start()
    yield session
    session.close()


def seen(player: Player) -> list[int]:
    """The avatar's picture of each tick."""
    return [int(picture[-1, -1]) for picture in player.pictures]


def spoke(player: Player) -> list[bool]:
    """Whether its lips were moved."""
    return [bool(picture[0, 0] != picture[-1, -1]) for picture in player.pictures]


def told(player: Player) -> list[str]:
    return [event.fields["action"] for event in player.events if event.name == "action"]


def test_a_gesture_is_seen_while_nothing_is_said(session: Session) -> None:
    player = Player(session)
    player.play()
    session.act("wave")
    for _ in range(40):
        player.play()
    settled = [pose for pose in seen(player) if pose in range(WAVE + 10, WAVE + 20)]
    assert settled == [*range(WAVE + 10, WAVE + 20)]
    assert seen(player)[-1] < LOOP
    assert told(player) == ["wave", ""]


def test_lips_go_on_in_a_gesture(session: Session) -> None:
    player = Player(session)
    session.say("one two three four five six seven eight nine ten eleven twelve thirteen fourteen")
    player.until("word", 2)
    session.act("wave")
    player.until("end")
    gestured = {
        pose: moved
        for pose, moved in zip(seen(player), spoke(player), strict=True)
        if WAVE + 8 <= pose < WAVE + 20
    }
    assert gestured == dict.fromkeys(range(WAVE + 8, WAVE + 20), True), "its lips stood still"
    assert told(player)[0] == "wave"


def test_an_action_with_a_sound_plays_both_together(session: Session) -> None:
    player = Player(session)
    session.act("line")
    player.until("end")
    for _ in range(12):
        player.play()
    levels = [round(float(sound.max()) / 500) for sound in player.sound]
    together = {pose - LINE + 1: level for pose, level in zip(seen(player), levels, strict=True) if level}
    settled = {place: level for place, level in together.items() if 9 < place <= 25}
    assert settled == {place: place for place in range(10, 26)}
    assert told(player) == ["line", ""]
    (start,) = [event.fields for event in player.events if event.name == "start"]
    assert (start["action"], start["text"]) == ("line", "")


def test_an_interrupt_ends_an_action_with_a_sound(session: Session) -> None:
    player = Player(session)
    session.act("line")
    player.until("start")
    for _ in range(5):
        player.play()
    session.interrupt()
    for _ in range(15):
        assert not player.play().any()
    assert all(pose < LOOP for pose in seen(player)[-5:])
    assert told(player) == ["line", ""]


def test_an_interrupt_leaves_a_silent_gesture(session: Session) -> None:
    player = Player(session)
    player.play()
    session.act("wave")
    player.play()
    session.interrupt()
    for _ in range(12):
        player.play()
    assert WAVE <= seen(player)[-1] < WAVE + 20


def test_a_gesture_that_loops_is_ended_by_name(session: Session) -> None:
    player = Player(session)
    player.play()
    session.act("wave", loops=True)
    for _ in range(50):
        player.play()
    assert WAVE <= seen(player)[-1] < WAVE + 20
    session.act("")
    for _ in range(12):
        player.play()
    assert seen(player)[-1] < LOOP


def test_another_avatar_ends_what_is_seen(session: Session) -> None:
    player = Player(session)
    player.play()
    session.act("wave", loops=True)
    for _ in range(12):
        player.play()
    session.change_avatar(FakeAvatar(LOOP))
    player.play()
    assert seen(player)[-1] < LOOP
    assert told(player) == ["wave", ""]


def test_what_the_avatar_cannot_do_is_refused(session: Session) -> None:
    with pytest.raises(InvalidRequest, match="no action 'fly'; there are: line, wave"):
        session.act("fly")
    with pytest.raises(InvalidRequest, match="said once; leave out loop"):
        session.act("line", loops=True)


def test_an_action_that_goes_with_a_turn_says_nothing_after_it_is_cut_off(session: Session) -> None:
    player = Player(session)
    session.say("before it")
    session.act("line")
    session.interrupt()
    for _ in range(20):
        assert not player.play().any()
    assert told(player) == []


def test_an_avatar_nods_by_its_plan_while_it_listens(parts: Parts, avatar: FakeAvatar) -> None:
    manifest = avatar.bundle.manifest.model_copy(update={"plan": {"listening": Cue(actions=("wave",))}})
    avatar.bundle = AvatarBundle(avatar.bundle.folder, manifest, avatar.bundle.pictures)
    session = Session("one", parts, avatar)
    session.start()
    try:
        player = Player(session)
        player.play()
        session.events.tell(StateEvent(state="listening"))
        for _ in range(12):
            player.play()
        assert WAVE <= seen(player)[-1] < WAVE + 20
        session.events.tell(StateEvent(state="idle"))
        for _ in range(12):
            player.play()
        assert seen(player)[-1] < LOOP
        assert told(player) == ["wave", ""]
    finally:
        session.close()
