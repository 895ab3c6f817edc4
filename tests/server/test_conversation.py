"""Questions, personas and welcomes by the routes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from livetalk.persona import Persona
from tests.server.asking import answer, read_events
from tests.server.conftest import Client, FakeService, Viewer, within


async def listen(
    client: Client, session_id: str, until: str
) -> asyncio.Task[list[tuple[str, dict[str, Any]]]]:
    listening = asyncio.Event()
    events = asyncio.create_task(read_events(client, session_id, until, listening))
    await within(listening.wait())
    return events


async def ask(client: Client, viewer: Viewer, text: str, **more: Any) -> tuple[int, dict[str, Any]]:
    body = {"sessionid": viewer.session_id, "text": text, "type": "chat", **more}
    return await answer(client, "/human", json=body)


async def test_a_question_is_answered_aloud_and_shown(
    viewer: Viewer, client: Client, service: FakeService
) -> None:
    events = await listen(client, viewer.session_id, "end")
    assert (await ask(client, viewer, "How are you?", ticket=7))[0] == 200
    told = await within(events)
    replies = [fields["text"] for name, fields in told if name == "reply"]
    assert replies[0].startswith("I heard you.")
    assert told[-1][1]["text"] == "I heard you."
    assert all(fields["ticket"] == 7 for name, fields in told if name != "state")
    assert [fields["state"] for name, fields in told if name == "state"] == ["thinking", "speaking"]
    assert service.model.asked[0].messages[-1].text == "How are you?"


@pytest.mark.parametrize(("text", "status"), [("", 400), (" \n", 400), ("a" * 1_000_000, 413)])
async def test_what_is_no_question_is_refused(viewer: Viewer, client: Client, text: str, status: int) -> None:
    assert (await ask(client, viewer, text))[0] == status


async def test_own_fields_that_are_nested_too_deep_for_events_are_refused(
    viewer: Viewer, client: Client
) -> None:
    own: Any = 1
    for _ in range(31):
        own = [own]
    assert (await ask(client, viewer, "How are you?", own=own))[0] == 200
    status, told = await ask(client, viewer, "How are you?", own={"in": own})
    assert status == 400
    assert "nested" in told["msg"]


async def test_a_persona_can_be_changed_in_mid_conversation(
    viewer: Viewer, client: Client, service: FakeService
) -> None:
    persona = {"system_prompt": "You are a pirate.", "temperature": 0.1}
    body = {"sessionid": viewer.session_id, "persona": persona}
    assert (await answer(client, "/persona", json=body))[0] == 200
    events = await listen(client, viewer.session_id, "end")
    await ask(client, viewer, "Who are you?")
    await within(events)
    chat = service.model.asked[0]
    assert (chat.messages[0].text, chat.temperature) == ("You are a pirate.", 0.1)


@pytest.mark.parametrize(
    ("persona", "said"),
    [
        ({"model": "expensive"}, "persona.model: sessions may choose from"),
        ({"temperature": 3}, "persona.temperature"),
        ({"prompt": "x"}, "persona.prompt"),
        ({"system_prompt": "x" * 30_000}, "persona.system_prompt"),
        ({f"own{n}": "x" for n in range(1000)}, "1000 fields are wrong or unknown"),
    ],
)
async def test_a_persona_that_may_not_be_is_a_400_and_nothing_changes(
    viewer: Viewer, client: Client, service: FakeService, persona: dict[str, Any], said: str
) -> None:
    body = {"sessionid": viewer.session_id, "persona": persona}
    status, told = await answer(client, "/persona", json=body)
    assert status == 400
    assert said in told["msg"]
    assert service.sessions.get(viewer.session_id).conversation.persona == Persona()
    status, _ = await answer(client, "/sessions", json={"persona": persona})
    assert status == 400
    assert len(service.sessions) == 1


async def test_a_session_can_begin_with_a_persona_of_its_own(client: Client, service: FakeService) -> None:
    asked = {"persona": {"voice": "square", "welcome": "Ahoy!"}}
    status, told = await answer(client, "/sessions", json=asked)
    assert status == 200
    persona = service.sessions.get(told["data"]["sessionid"]).conversation.persona
    assert persona == Persona(voice="square", welcome="Ahoy!")


async def test_whoever_connects_first_is_welcomed_once(client: Client, service: FakeService) -> None:
    viewer = Viewer(client)
    await viewer.connect(persona={"welcome": "Ahoy there!"})
    await within(viewer.loud.wait())
    service.sessions.get(viewer.session_id).conversation.greet()
    assert service.voice.spoken == ["Ahoy there!"]
    await viewer.close()
