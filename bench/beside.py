"""Each output alone, and all of them together, beside a session that speaks: `python -m bench.beside`.

A viewer watches a session over WebRTC and hears it speak a clip, twice: with nothing beside, and with outputs
switched on. What each of them delivered is taken back from where it went, and its mouth held against its
sound.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.api import Api, open_api
from bench.decode import Array, block_means, luma
from bench.ear import Ear
from bench.errors import BenchError
from bench.mouth import find_mouth
from bench.noted_camera import read_notes
from bench.packets import AUDIO_RATE
from bench.process import cores, hurry, usage
from bench.receiver import Peer, open_peer
from bench.report import emit, plainly, tell
from bench.scenarios.sync import Offsets, Talk, burst_clip, offsets, read_talk, speech_windows
from bench.server import serve
from bench.sound import LOUD
from bench.sound_recorder import SoundRecorder
from bench.sound_server import PulseServer
from bench.stored import Stored
from bench.stream_server import Nginx, pulled, running
from bench.sync import Signal, loudness, offset
from bench.whip_receiver import WhipReceiver, receiving

REST_S = 4.0
"""of an idle face before the speech, to tell the mouth from the body"""
QUIET_S = 1.0
LIVE_S = 30.0
LOOK_S = 0.1
LIMIT_S = 60.0
KEY = "beside"
"""of the stream"""
CAMERA = "camera"
"""the notes of what it showed"""


@dataclass(frozen=True, slots=True)
class Beside:
    """What outputs cost the server, and how far lips and sound are apart at each receiver."""

    cores_without: float
    """of the server while the session speaks to one viewer"""
    cores_added: float
    offsets: dict[str, Offsets | None]
    """receiver -> picture minus sound, in windows of four seconds"""


@dataclass(frozen=True, slots=True)
class Stand:
    """The server that is measured, and what its outputs lead to."""

    api: Api
    pid: int
    folder: Path
    nginx: Nginx
    whip: WhipReceiver
    pulse: PulseServer


@asynccontextmanager
async def standing() -> AsyncIterator[Stand]:
    """Run all of it until the block ends."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        nginx, pulse = Nginx(folder / "nginx"), PulseServer()
        stack.enter_context(running(nginx))
        stack.callback(pulse.close)
        pulse.start()
        whip = await stack.enter_async_context(receiving())
        targets = [f"rtmp={nginx.url(KEY)}", f"whip={whip.target}", "camera=camera?sound=pulse"]
        targets += [f"file{number}=file:{folder / f'file{number}.mp4'}" for number in range(2)]
        served = f"{sys.executable} -m bench.noted_camera {folder / CAMERA} serve --port {{port}}"
        command = f"{served} --outputs {','.join(targets)}"
        server = stack.enter_context(
            serve(command, {key: pulse.environment[key] for key in ("PULSE_SERVER", "XDG_RUNTIME_DIR")})
        )
        assert server.pid is not None
        api = await stack.enter_async_context(open_api(server.url))
        yield Stand(api, server.pid, folder, nginx, whip, pulse)


class Speech:
    """A session that speaks a clip when told to."""

    def __init__(self, stand: Stand, peer: Peer, clip: bytes) -> None:
        self._stand = stand
        self._peer = peer
        self._clip = clip
        self._ear = Ear(peer.audio.log)

    async def cores(self) -> float:
        """Speak it; what that kept busy of the server."""
        await asyncio.sleep(REST_S)
        said_s = await self._stand.api.humanaudio(self._peer.session, self._clip)
        await self._ear.until_loud(said_s, LIMIT_S)
        before = usage(self._stand.pid)
        await self._ear.until_quiet(QUIET_S, LIMIT_S)
        return cores(before, usage(self._stand.pid))


async def measure(stand: Stand, names: list[str], clip: bytes, clip_s: float) -> Beside:
    """Speak without and with outputs.

    Raises:
        BenchError: one did not become live, or brought nothing.
    """
    files = [name for name in names if name.startswith("file")]
    pulled_to = stand.folder / f"pulled-{'-'.join(names)}.flv"
    async with open_peer(stand.api) as peer:
        speech = Speech(stand, peer, clip)
        without = await speech.cores()
        started = [await stand.api.start_output(peer.session, name) for name in names]
        await until_live(stand.api, peer.session)
        begun_s = time.monotonic()
        recorder = SoundRecorder(stand.pulse)
        puller = stand.nginx.pull(KEY, REST_S + clip_s, pulled_to) if "rtmp" in names else None
        try:
            added = await speech.cores() - without
            if puller is not None:
                await asyncio.to_thread(pulled, puller)
        finally:
            sound, sound_s = await asyncio.to_thread(recorder.stop)
        for output in started:
            await stand.api.stop_output(peer.session, output)
    viewer = read_talk(peer.audio.log, peer.video.log).arrived
    found = {"viewer": since(viewer, begun_s)}
    if puller is not None:
        found["rtmp"] = since(stored_talk(pulled_to))
    if "whip" in names:
        found["whip"] = since(read_talk(stand.whip.logs["audio"], stand.whip.logs["video"]).arrived)
    if "camera" in names:
        shown_s, squares = read_notes(stand.folder / CAMERA)
        found["camera"] = since(talk_of(shown_s, squares, sound, sound_s))
    if files:
        found["file"] = since(stored_talk(stand.folder / f"{files[0]}.mp4"))
    return Beside(round(without, 3), round(added, 3), found)


async def until_live(api: Api, session: str) -> None:
    """Wait for all outputs of a session.

    Raises:
        BenchError: one did not become live in time.
    """
    limit_s = time.monotonic() + LIVE_S
    while waiting := [each for each in await api.outputs(session) if each["state"] != "live"]:
        if time.monotonic() > limit_s:
            raise BenchError(f"not live within {LIVE_S:g} s: {waiting}")
        await asyncio.sleep(LOOK_S)


def since(talk: Talk, begun_s: float = 0.0) -> Offsets | None:
    """Offsets over the windows that begin after a moment; None when none fits."""
    starts = [start_s for start_s in speech_windows(talk) if start_s >= begun_s]
    return offsets([offset(talk.mouth, talk.sound, start_s) for start_s in starts])


def stored_talk(path: Path) -> Talk:
    """A stored stream's mouth and sound, as a player shows them.

    Raises:
        BenchError: nothing in the picture moves with the speech.
    """
    stored = Stored(path, lambda frame: block_means(luma(frame)))
    length_s = float(stored.ends_s[-1] - stored.begins_s[0])
    samples = np.zeros(round(length_s * AUDIO_RATE) + 1, np.float32)
    for begin_s, piece in zip(stored.begins_s, stored.pieces, strict=True):
        at = round((begin_s - stored.begins_s[0]) * AUDIO_RATE)
        whole = piece.repeat(AUDIO_RATE // stored.rate)
        samples[at : at + len(whole)] = whole
    return talk_of(stored.shown_s, np.stack(stored.looks), samples, float(stored.begins_s[0]))


def talk_of(shown_s: npt.NDArray[np.float64], squares: Array, samples: Array, sound_s: float) -> Talk:
    """The mouth in (n, rows, columns) brightness, each shown at a moment, and sound that begins at another.

    Raises:
        BenchError: nothing in the picture moves with the speech.
    """
    heard = loudness(samples)
    sound = Signal(heard.times_s + sound_s, heard.values)
    mouth = find_mouth(squares, shown_s, np.interp(shown_s, sound.times_s, sound.values) > LOUD)
    if mouth is None:
        raise BenchError("nothing in the picture moves with the speech")
    return Talk(Signal(shown_s, mouth.openness), sound)


async def measure_all(seconds: float) -> dict[str, Beside]:
    """Each output alone, then all of them."""
    clip = burst_clip(seconds)
    async with standing() as stand:
        found = {
            name: await measure(stand, [name], clip, seconds) for name in ("rtmp", "whip", "camera", "file0")
        }
        together = ["rtmp", "whip", "camera", "file1"]
        return found | {"together": await measure(stand, together, clip, seconds)}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.beside", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="of speech (30)")
    args = parser.parse_args()
    hurry()
    results = asyncio.run(measure_all(args.seconds))
    for name, result in results.items():
        tell(name, result)
    emit(results, "http://127.0.0.1")
    return 0


if __name__ == "__main__":
    sys.exit(plainly(main))
