"""How a conversation feels: `python -m bench.conversation --serve ".venv/bin/python app.py --port {port}"`.

The providers are stand-ins of known delay, whose time is taken off: what remains is the server's.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.api import Api, open_api
from bench.ear import Ear
from bench.noises import cough
from bench.process import hurry
from bench.receiver import Peer, open_peer
from bench.report import emit, plainly, tell
from bench.server import serve
from bench.sound import first_loud, last_loud
from bench.spread import Spread, spread
from bench.stand_ins import StandIns
from bench.talker import Talker, open_talker
from bench.utterances import Phrase, say
from livetalk.types import SAMPLE_RATE

_QUIET_S = 1.0
_TIMEOUT_S = 20.0
_VOICES = ("en", "en-us+f2", "en-us+m3")
_LONG = "This is a long story about a king, a castle and a dragon who lived in the mountains. " * 6


@dataclass(frozen=True, slots=True)
class Typed:
    """A question is typed."""

    request_to_model_ms: Spread | None
    """the request left -> the language model is asked"""
    token_to_sound_ms: Spread | None
    """its first token left -> the first packet of the face with sound arrived"""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A question is said."""

    end_to_sound_ms: Spread | None
    """the end of the speech left -> first packet with sound arrived; the providers' own time taken off"""
    end_to_recogniser_ms: Spread | None
    """of this, until the recogniser is asked"""
    recognised_to_model_ms: Spread | None
    """from its transcript until the language model is asked"""


@dataclass(frozen=True, slots=True)
class BargeIn:
    """Somebody speaks over the face."""

    voice_to_silence_ms: Spread | None
    """the voice's first sound left -> last packet of the face with sound arrived"""


@dataclass(frozen=True, slots=True)
class Coughs:
    """Somebody coughs while the face speaks."""

    coughs: int
    stopped: int
    """after which the face said no more of it"""
    gap_ms: Spread | None
    """the longest silence of the face around each"""


async def typed(api: Api, stand_ins: StandIns, count: int) -> Typed:
    """Ask by /human."""
    requests, sounds = [], []
    async with open_peer(api) as peer:
        ear = Ear(peer.audio.log)
        await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
        for _ in range(count):
            await asyncio.sleep(random.uniform(0, 0.08))
            sent_s = await api.chat(peer.session, "Can you tell me a story?")
            heard_s = await _heard(ear, sent_s)
            requests.append((stand_ins.model_asked_s[-1] - sent_s) * 1000)
            sounds.append((heard_s - stand_ins.first_token_s[-1]) * 1000)
    return Typed(spread(requests), spread(sounds))


async def spoken(api: Api, stand_ins: StandIns, count: int) -> Spoken:
    """Ask by the microphone."""
    totals, hearing, asking = [], [], []
    phrases = [say(stand_ins.transcript, voice) for voice in _VOICES]
    async with open_talker(api) as (peer, talker):
        ear = Ear(peer.audio.log)
        await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
        for number in range(count):
            phrase = phrases[number % len(phrases)]
            end_s = await _say(talker, phrase)
            heard_s = await _heard(ear, end_s)
            recogniser_s, model_s = stand_ins.recogniser_asked_s[-1], stand_ins.model_asked_s[-1]
            providers_s = stand_ins.recogniser_s + stand_ins.first_token_s[-1] - model_s
            totals.append((heard_s - end_s - providers_s) * 1000)
            hearing.append((recogniser_s - end_s) * 1000)
            asking.append((model_s - recogniser_s - stand_ins.recogniser_s) * 1000)
    return Spoken(spread(totals), spread(hearing), spread(asking))


async def barge_in(api: Api, count: int) -> BargeIn:
    """Say something while the face speaks, at random moments."""
    silences = []
    phrases = [say("Wait a moment please.", voice) for voice in _VOICES]
    async with open_talker(api) as (peer, talker):
        ear = Ear(peer.audio.log)
        for number in range(count):
            await _let_it_speak(api, peer, ear)
            phrase = phrases[number % len(phrases)]
            began_s = await talker.say(phrase.sound) + phrase.voice / SAMPLE_RATE
            await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
            before = [each for each in ear.sounds if each.arrived_s < began_s + 0.6]
            last = last_loud(before, began_s)
            silences.append((last.arrived_s - began_s) * 1000 if last else 0.0)
            await api.interrupt(peer.session)
            await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
    return BargeIn(spread(silences))


async def coughs(api: Api, count: int) -> Coughs:
    """Cough while the face speaks."""
    stopped, gaps = 0, []
    generator = np.random.default_rng(5)
    async with open_talker(api) as (peer, talker):
        ear = Ear(peer.audio.log)
        for _ in range(count):
            await _let_it_speak(api, peer, ear)
            began_s = await talker.say(0.3 * cough(generator))
            await asyncio.sleep(2.5)
            ear.listen()
            times = [
                each.arrived_s for each in ear.sounds if each.peak >= 0.01 and each.arrived_s > began_s - 0.5
            ]
            stopped += not times or times[-1] < began_s + 2.0
            gaps.append(max(np.diff(times), default=0.0) * 1000)
            await api.interrupt(peer.session)
            await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
    return Coughs(count, stopped, spread(gaps))


async def _let_it_speak(api: Api, peer: Peer, ear: Ear) -> None:
    await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
    await ear.until_loud(await api.human(peer.session, _LONG), _TIMEOUT_S)
    await asyncio.sleep(random.uniform(0.8, 2.0))


async def _say(talker: Talker, phrase: Phrase) -> float:
    """Say it; when its last sound left."""
    return await talker.say(phrase.sound) + phrase.end / SAMPLE_RATE


async def _heard(ear: Ear, after_s: float) -> float:
    """When the face was first heard after a moment; returns once it is quiet again."""
    await asyncio.sleep(max(0.0, after_s - time.monotonic()))
    await ear.until_loud(after_s, _TIMEOUT_S)
    await ear.until_quiet(_QUIET_S, _TIMEOUT_S)
    heard = first_loud(ear.sounds, after_s)
    assert heard is not None
    return heard.arrived_s


SCENARIOS = ("typed", "spoken", "barge_in", "coughs")


async def _measure(command: str, count: int, names: Sequence[str]) -> dict[str, object]:
    results: dict[str, object] = {}
    stand_ins = StandIns()
    async with stand_ins.serve():
        environment = {
            "LIVETALK_LLM_URL": stand_ins.url,
            "LIVETALK_LLM_MODEL": "stand-in",
            "LIVETALK_STT_URL": stand_ins.url,
            "LIVETALK_STT_MODEL": "stand-in",
        }
        with serve(command, environment) as server:
            hurry()
            async with open_api(server.url) as api:
                for name in names:
                    if name == "typed":
                        results[name] = await typed(api, stand_ins, count)
                    elif name == "spoken":
                        results[name] = await spoken(api, stand_ins, count)
                    elif name == "barge_in":
                        results[name] = await barge_in(api, count)
                    else:
                        results[name] = await coughs(api, count)
                    tell(name, results[name])
    emit(results, "a server of its own")
    return results


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.conversation", description=__doc__)
    parser.add_argument("scenarios", nargs="*", help=f"of {', '.join(SCENARIOS)}; default: all")
    parser.add_argument("--serve", metavar="COMMAND", required=True, help="{port} becomes a free port")
    parser.add_argument("--count", type=int, default=20, help="turns of each")
    args = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(_measure(args.serve, args.count, args.scenarios or SCENARIOS))
    return 0


if __name__ == "__main__":
    sys.exit(plainly(main))
