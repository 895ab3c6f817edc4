"""Whole sessions that a server of the Realtime API speaks through."""

from __future__ import annotations

import numpy as np
import pytest

from livetalk.persona import SYSTEM_PROMPT, Persona
from livetalk.session import Session
from livetalk.types import SAMPLE_RATE
from tests.player import Player
from tests.realtime.playing import MS_A_TICK, begin, play_ready, sounded, texts
from tests.realtime.realtime_server import (
    RATE,
    RealtimeServer,
    Saying,
    delta,
    done,
    heard,
    tone,
    transcribed,
)
from tests.waiting import until

# -- connecting -----------------------------------------------------------------------------------


def test_the_session_is_set_up_as_the_settings_say(session: Session, server: RealtimeServer) -> None:
    (update,) = server.of("session.update")
    told = update["session"]
    assert (told["type"], told["instructions"]) == ("realtime", SYSTEM_PROMPT)
    assert told["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": RATE}
    assert told["audio"]["output"] == {"format": {"type": "audio/pcm", "rate": RATE}, "voice": "marin"}
    assert told["audio"]["input"]["turn_detection"]["type"] == "server_vad"
    assert server.headers[0]["Authorization"] == "Bearer secret"
    assert server.queries[0]["model"] == "gpt-test"


# -- text in --------------------------------------------------------------------------------------


def test_an_answer_that_comes_in_one_burst_is_played_whole(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    ramp = np.repeat(np.arange(1, 101, dtype=np.int16) * 100, RATE // 10)
    server.sayings = [Saying([(piece, "") for piece in np.split(ramp, 25)])]
    session.conversation.chat("Count!", fields={"ticket": 7})
    player.until("end")
    (item,) = server.of("conversation.item.create")
    assert item["item"]["content"] == [{"type": "input_text", "text": "Count!"}]
    assert sounded(player) == len(ramp) * SAMPLE_RATE // RATE
    spoken = player.spoken()
    steps = spoken[np.flatnonzero(spoken)].reshape(100, SAMPLE_RATE // 10)
    assert np.array_equal(np.median(steps, axis=1), np.arange(1, 101) * 100)
    assert all(event.fields["ticket"] == 7 for event in player.events)
    assert not session.speaking


def test_what_is_said_is_told_as_it_is_written_and_shown_no_earlier_than_its_sound(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([(tone(1), "Hello there, "), (tone(1), "you. How are "), (tone(1), "you?")])]
    session.conversation.chat("Hi")
    player.until("end", 2)
    told = [event.fields for event in player.events if event.name == "reply"]
    assert "".join(each["text"] for each in told) == "Hello there, you. How are you?"
    assert [each["last"] for each in told][-1] is True
    words = [event for event in player.events if event.name == "word"]
    assert [each.fields["word"] for each in words] == ["Hello", "there,", "you.", "How", "are", "you?"]
    assert all(each.fields["estimated"] for each in words)
    assert texts(player, "start") == ["", "Hello there, you.", "How are you?"]
    assert texts(player, "end") == ["Hello there, you.", "How are you?"]
    roles = [(each.role, each.text) for each in session.conversation.history.messages(10)]
    assert roles == [("user", "Hi"), ("assistant", "Hello there, you. How are you?")]


def test_a_server_slower_than_speech_is_waited_for(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([(tone(0.4), "")], open_end=True)]
    session.conversation.chat("Well?")
    play_ready(session, player, ticks=7)
    late = [player.play() for _ in range(5)]
    assert not np.any(late[-1])
    assert session.speaking
    server.send(*delta("resp_1", tone(0.4)), done("resp_1"))
    player.until("end")
    assert sounded(player) == int(0.8 * SAMPLE_RATE)


def test_echo_texts_are_still_said_by_the_voice(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    session.say("plain words")
    player.until("end")
    assert texts(player, "end") == ["plain words"]
    assert server.of("response.create") == []


def test_the_welcome_is_said_by_the_model(session: Session, server: RealtimeServer, player: Player) -> None:
    server.sayings = [Saying([(tone(0.2), "Good day.")])]
    session.conversation.persona = Persona(welcome="Good day.")
    session.conversation.greet()
    player.until("end")
    (asked,) = server.of("response.create")
    assert asked["response"]["instructions"].endswith("Good day.")
    assert texts(player, "end") == ["Good day."]


def test_another_persona_is_told_before_its_first_question(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([(tone(0.2), "Arr.")])]
    session.conversation.persona = Persona("You are a pirate.")
    session.conversation.chat("Who are you?")
    player.until("end")
    kinds = [event["type"] for event in server.got]
    assert server.of("session.update")[-1]["session"]["instructions"] == "You are a pirate."
    assert kinds.index("response.create") > len(kinds) - 1 - kinds[::-1].index("session.update")


# -- sound in -------------------------------------------------------------------------------------


def test_a_microphone_is_sent_at_the_rate_of_the_api(session: Session, server: RealtimeServer) -> None:
    microphone = session.conversation.hear()
    for _ in range(50):
        microphone.push(np.full(320, 1000, np.int16))
    until(lambda: sum(len(heard(each)) for each in server.of("input_audio_buffer.append")) > RATE * 0.95)
    sound = np.concatenate([heard(each) for each in server.of("input_audio_buffer.append")])
    assert RATE * 0.95 < len(sound) <= RATE
    assert np.median(sound) == pytest.approx(1000, abs=2)
    microphone.close()


def test_what_was_said_is_shown_and_remembered(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.send({"type": "input_audio_buffer.speech_started", "item_id": "said_1", "audio_start_ms": 0})
    until(lambda: player.states[-1:] == ["listening"])
    server.send(
        {"type": "input_audio_buffer.speech_stopped", "item_id": "said_1", "audio_end_ms": 900},
        {"type": "input_audio_buffer.committed", "item_id": "said_1"},
    )
    server.start("resp_a", Saying([(tone(0.4), "Fine.")]))
    transcription = "conversation.item.input_audio_transcription"
    server.send(
        {"type": f"{transcription}.delta", "item_id": "said_1", "delta": "How "},
        {"type": f"{transcription}.delta", "item_id": "said_1", "delta": "goes it?"},
        transcribed("said_1", "How goes it?"),
    )
    player.until("end")
    until(lambda: player.names().count("transcript") == 3)
    told = [event.fields for event in player.events if event.name == "transcript"]
    assert [(each["text"], each["final"]) for each in told] == [
        ("How ", False),
        ("How goes it?", False),
        ("How goes it?", True),
    ]
    said = [(each.role, each.text) for each in session.conversation.history.messages(10)]
    assert said == [("user", "How goes it?"), ("assistant", "Fine.")]


# -- interrupting ---------------------------------------------------------------------------------


def test_who_speaks_over_the_answer_stops_it_and_the_server_learns_what_was_heard(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    played_ms = begin(session, server, player, 30, open_end=True)
    server.send({"type": "input_audio_buffer.speech_started", "item_id": "said_1", "audio_start_ms": 0})
    (cut,) = server.wait("conversation.item.truncate")
    assert (cut["item_id"], cut["content_index"]) == ("item_resp_1", 0)
    assert abs(cut["audio_end_ms"] - played_ms) <= MS_A_TICK
    (cancelled,) = server.wait("response.cancel")
    assert cancelled["response_id"] == "resp_1"
    player.hear("interrupted")
    assert not np.any(player.play())


def test_who_speaks_over_an_answer_of_minutes_is_heard_before_all_of_it_was_played(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([(tone(10), "") for _ in range(30)])]
    session.conversation.chat("Tell me all of it.")
    play_ready(session, player, 5)
    server.send({"type": "input_audio_buffer.speech_started", "item_id": "said_1", "audio_start_ms": 0})
    (cut,) = server.wait("conversation.item.truncate")
    assert abs(cut["audio_end_ms"] - sounded(player) * 1000 // SAMPLE_RATE) <= MS_A_TICK


def test_an_interrupt_of_an_answer_that_was_made_already_truncates_alone(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    played_ms = begin(session, server, player, 50, open_end=False)
    session.interrupt()
    (cut,) = server.wait("conversation.item.truncate")
    assert abs(cut["audio_end_ms"] - played_ms) <= MS_A_TICK
    assert server.of("response.cancel") == []


def test_what_comes_of_a_cancelled_answer_is_not_heard(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    begin(session, server, player, 5, open_end=True)
    session.interrupt()
    server.wait("response.cancel")
    server.send(*delta("resp_1", tone(2, 3000), "Late words."), done("resp_1", "cancelled"))
    server.sayings = [Saying([(tone(0.4, 1000), "Yes.")])]
    before = player.tick
    session.conversation.chat("And now?")
    player.until("end")
    after = np.concatenate(player.sound[before:])
    assert np.count_nonzero(after) == int(0.4 * SAMPLE_RATE)
    assert np.max(after) < 1500
    assert "Late words." not in "".join(each.text for each in session.conversation.history.messages(10))


def test_an_answer_of_which_nothing_was_heard_is_forgotten(
    session: Session, server: RealtimeServer, player: Player
) -> None:
    server.sayings = [Saying([], open_end=True)]
    session.conversation.chat("Count!")
    server.wait("response.create")
    server.send(*delta("resp_1", tone(0.02)))
    until(lambda: any(session.conversation._speech._replies.values()))
    session.interrupt()
    server.wait("response.cancel")
    server.send(done("resp_1", "cancelled"))
    (deleted,) = server.wait("conversation.item.delete")
    assert deleted["item_id"] == "item_resp_1"
    assert server.of("conversation.item.truncate") == []
