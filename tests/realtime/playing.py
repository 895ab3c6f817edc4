"""Playing answers in part."""

from __future__ import annotations

import numpy as np

from livetalk.session import Session
from livetalk.types import FRAME_S, SAMPLE_RATE
from tests.player import Player
from tests.realtime.realtime_server import RealtimeServer, Saying, tone

MS_A_TICK = round(FRAME_S * 1000)


def texts(player: Player, name: str) -> list[str]:
    """Of all events of one kind so far."""
    return [event.fields["text"] for event in player.events if event.name == name]


def play_ready(session: Session, player: Player, ticks: int) -> None:
    """Play so many ticks of speech, waiting for each."""
    ready = session.playout._changed
    while sounded(player) < ticks * MS_A_TICK * SAMPLE_RATE // 1000:
        with ready:
            assert ready.wait_for(lambda: session.playout._ready, 20)
        player.play()


def sounded(player: Player) -> int:
    """Samples that were not silent."""
    return sum(int(np.count_nonzero(pcm)) for pcm in player.sound)


def begin(session: Session, server: RealtimeServer, player: Player, ticks: int, open_end: bool) -> int:
    """Play some of a long answer; the milliseconds of it that were played."""
    server.sayings = [Saying([(tone(5), "One two three four.")], open_end)]
    session.conversation.chat("Count!")
    play_ready(session, player, ticks)
    return sounded(player) * 1000 // SAMPLE_RATE
