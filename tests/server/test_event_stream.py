"""What listeners are told."""

from __future__ import annotations

import asyncio

from tests.server.asking import of_turns, read_events
from tests.server.conftest import Client, Viewer, within


async def test_events_come_as_they_play_with_the_callers_own_fields(viewer: Viewer, client: Client) -> None:
    listening = asyncio.Event()
    reading = asyncio.ensure_future(read_events(client, viewer.session_id, "end", listening))
    await within(listening.wait())
    assert await viewer.say("one two", ticket={"id": 7}, text2="kept") == 200
    events = await within(reading)
    names = [name for name, _ in of_turns(events) if name != "latency"]
    assert names == ["start", "word", "word", "end"]
    assert all(fields["ticket"] == {"id": 7} for _, fields in of_turns(events))
    assert [fields["word"] for name, fields in events if name == "word"] == ["one", "two"]


async def test_own_fields_that_are_no_proper_text_come_back_all_the_same(
    viewer: Viewer, client: Client
) -> None:
    listening = asyncio.Event()
    reading = asyncio.ensure_future(read_events(client, viewer.session_id, "end", listening))
    await within(listening.wait())
    assert await viewer.say("one", half="\ud800") == 200
    events = await within(reading)
    assert all(fields["half"] == "\ud800" for _, fields in of_turns(events))


async def test_a_server_that_stops_does_not_wait_for_those_who_listen(viewer: Viewer, client: Client) -> None:
    listening = asyncio.Event()
    reading = asyncio.ensure_future(read_events(client, viewer.session_id, "closed", listening))
    await within(listening.wait())
    await within(client.server.close())
    assert (await within(reading))[-1][0] == "closed"


async def test_closing_a_session_ends_its_event_stream(viewer: Viewer, client: Client) -> None:
    listening = asyncio.ensure_future(read_events(client, viewer.session_id, "closed"))
    await within(viewer.seen.wait())
    await viewer.close()
    events = await within(listening)
    assert events[-1][0] == "closed"


async def test_listening_to_an_unknown_session_is_a_404_and_to_none_a_400(client: Client) -> None:
    async with client.get("/sse", params={"sessionid": "0"}) as response:
        assert response.status == 404
    async with client.get("/sse") as response:
        assert response.status == 400
