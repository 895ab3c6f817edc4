"""Questions of clients that know no session: answered at once by a job, or once the reply was said."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from aiohttp import ClientSession

from livetalk.errors import ProviderError
from livetalk.server import jobs
from livetalk.server.app import HOUSE
from livetalk.server.jobs import MOST
from tests.server.conftest import Client, FakeService, until, within
from tests.server.simply import another, job, job_is, post, serving
from tests.server.test_simple import reset

REPLY = "I heard you. And that is all."


async def chat(client: Client | ClientSession, text: str = "How are you?") -> str:
    status, told = await post(client, "/chat", text=text)
    assert status == 202, told
    return str(told["job"])


async def test_a_question_is_a_job_that_can_be_asked_about_until_it_is_done(
    client: Client, service: FakeService
) -> None:
    service.model.gate = threading.Semaphore(0)
    job_id = await chat(client)
    assert (await job(client, job_id)) == {"state": "thinking", "text": "", "spoken": ""}
    service.model.gate.release()
    service.model.gate.release()
    told = await within(job_is(client, job_id, "speaking"))
    assert told["text"].startswith("I heard you.")
    told = await within(job_is(client, job_id, "done"))
    assert (told["text"], told["spoken"]) == (REPLY, REPLY)
    assert 0 <= told["latency"]["first_token_ms"] <= told["latency"]["first_played_ms"]
    async with client.get(f"/status/{job_id}") as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert "job" not in (body := await response.json())
        assert body["state"] == body["data"]["state"] == "done"


async def test_a_question_behind_another_is_queued(client: Client, service: FakeService) -> None:
    service.model.gate = threading.Semaphore(0)
    first, second = await chat(client), await chat(client)
    assert first != second
    assert (await job(client, second))["state"] == "queued"
    for _ in range(4):
        service.model.gate.release()
    await within(job_is(client, second, "done"))
    assert (await job(client, first))["state"] == "done"


async def test_a_job_is_nobody_elses(client: Client) -> None:
    job_id = await chat(client)
    async with another(client) as stranger:
        theirs = await chat(stranger)
        for asking, asked in ((stranger, job_id), (client, theirs), (client, "0" * 32), (client, "x")):
            async with asking.get(f"/status/{asked}") as response:
                assert response.status == 404
        async with another(client) as nobody, nobody.get(f"/status/{job_id}") as response:
            assert response.status == 404
            assert "Set-Cookie" not in response.headers


async def test_a_reset_interrupts_a_job_and_what_was_heard_stays(
    client: Client, service: FakeService
) -> None:
    service.model.pieces = ("word " * 200,)
    job_id = await chat(client)
    told = await job(client, job_id)
    while len(told["spoken"].split()) < 2:
        told = await job(client, job_id)
    assert await reset(client) == 200
    told = await within(job_is(client, job_id, "interrupted"))
    assert 2 <= len(told["spoken"].split()) < 200


async def test_a_model_that_fails_fails_the_job_and_says_why(client: Client, service: FakeService) -> None:
    service.model.pieces = (ProviderError("the model is down", retryable=True),)
    told = await within(job_is(client, await chat(client), "failed"))
    assert told["error"] == "the model is down"
    status, told = await within(post(client, "/api/conversation/text", text="And now?"))
    assert (status, told["msg"]) == (503, "the model is down")


async def test_a_session_that_ends_fails_its_jobs_and_the_next_question_has_a_new_one(
    client: Client, service: FakeService
) -> None:
    service.model.gate = threading.Semaphore(0)
    job_id = await chat(client)
    [session_id] = service.sessions._sessions
    waiting = asyncio.create_task(post(client, "/api/conversation/text", text="Are you there?"))
    await until(lambda: len(service.sessions.get(session_id)._turns._open) == 2)
    await client.app[HOUSE].attendance.end(session_id)
    status, told = await within(waiting)
    assert status == 503
    assert "the session ended" in told["msg"]
    told = await within(job_is(client, job_id, "failed"))
    assert "the session ended" in told["error"]
    service.model.gate = threading.Semaphore(100)
    status, told = await within(post(client, "/api/conversation/text", text="Hello again"))
    assert (status, told["new_session"], told["spoken"]) == (200, True, REPLY)
    assert (await job(client, job_id))["state"] == "failed"
    assert session_id not in service.sessions._sessions


async def test_jobs_are_forgotten_in_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = await chat(client)
    await within(job_is(client, job_id, "done"))
    monkeypatch.setattr(jobs, "KEPT_S", 0.0)
    async with client.get(f"/status/{job_id}") as response:
        assert response.status == 404


async def test_jobs_are_bounded_in_number_and_new_ones_take_the_place_of_old(
    client: Client, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST", 2)
    assert MOST > 2
    done = await chat(client)
    await within(job_is(client, done, "done"))
    service.model.gate = threading.Semaphore(0)
    first, _ = await chat(client), await chat(client)
    async with client.get(f"/status/{done}") as response:
        assert response.status == 404
    status, told = await post(client, "/chat", text="One more?")
    assert status == 429
    assert "wait for one" in told["msg"]
    assert (await job(client, first))["state"] == "thinking"
    async with another(client) as other:
        assert (await post(other, "/chat", text="Mine?"))[0] == 202


async def test_a_question_is_answered_once_the_reply_was_said(client: Client) -> None:
    status, told = await within(post(client, "/api/conversation/text", text="How are you?"))
    assert (status, told["state"], told["text"], told["spoken"]) == (200, "done", REPLY, REPLY)
    assert told["turn"] == 1
    assert told["latency"]["first_played_ms"] > 0
    assert told["new_session"]
    _, told = await within(post(client, "/api/conversation/text", text="And you?"))
    assert (told["turn"], told["new_session"]) == (2, False)


async def test_a_reply_that_does_not_come_in_time_is_a_504(client: Client, service: FakeService) -> None:
    service.model.gate = threading.Semaphore(0)
    status, told = await within(post(client, "/api/conversation/text", text="Well?", timeout_s=0.1))
    assert (status, told["code"]) == (504, 504)
    assert "0.1 s" in told["msg"]


async def test_what_is_more_than_may_wait_is_refused(client: Client, service: FakeService) -> None:
    service.model.gate = threading.Semaphore(0)
    await chat(client)
    waiting = [
        asyncio.create_task(post(client, "/api/conversation/text", text="Well?", timeout_s=8))
        for _ in range(8)
    ]
    [session] = service.sessions._sessions.values()
    await until(lambda: len(session._turns._open) == 9)
    status, told = await post(client, "/api/conversation/text", text="And?")
    assert status == 429
    assert "wait for one" in told["msg"]
    assert await reset(client) == 200
    assert {status for status, _ in await within(asyncio.gather(*waiting))} == {200}


async def test_a_client_that_leaves_while_it_waits_leaves_nothing(
    service: FakeService, tmp_path: Path
) -> None:
    service.model.gate = threading.Semaphore(0)
    async with serving(service, tmp_path) as address:
        async with ClientSession(address) as leaving:
            body = {"text": "Well?", "timeout_s": 600}
            asking = asyncio.create_task(leaving.post(f"{address}/api/conversation/text", json=body))
            await until(lambda: len(service.sessions) == 1)
            [session] = service.sessions._sessions.values()
            await until(lambda: session.speaking)
            listeners = len(session.events._listeners)
            asking.cancel()
        await until(lambda: len(session.events._listeners) == listeners - 1)
        assert session.speaking, "its question is answered all the same"
