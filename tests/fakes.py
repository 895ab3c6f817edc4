"""Small real implementations of the plugin protocols, for tests that need no weights."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from livetalk.avatar.bundle import AvatarBundle
from livetalk.avatar.manifest import Action, EngineEntry, Manifest
from livetalk.errors import ProviderError
from livetalk.metrics import Metrics
from livetalk.pipeline.channel import Closed
from livetalk.pipeline.stage import Stage
from livetalk.protocols import (
    Cancel,
    Chat,
    EngineAvatar,
    EngineSpec,
    FeatureStream,
    LipJob,
    Pcm,
    WordTime,
)
from livetalk.types import (
    CHUNK_SAMPLES,
    FRAME_SAMPLES,
    AudioChunk,
    Int16Array,
    Mark,
    Mouth,
    Picture,
    Sentence,
    Tag,
    Window,
    frozen,
)

T = TypeVar("T")

SIZE = 64
WAIT_S = 10.0
"""how long a test waits for what another thread has to do, before it fails"""
BLOCKED_S = 0.05
"""how long a call has to stand still to count as blocked"""


def bundle(frames: int = 5, loop: str = "cycle", actions: Mapping[str, Action] | None = None) -> AvatarBundle:
    """An avatar whose picture at frame n is n all over."""
    manifest = Manifest.model_validate(
        {
            "schema_version": 1,
            "id": "fake",
            "name": "Fake",
            "width": SIZE,
            "height": SIZE,
            "fps": 25,
            "frames": frames,
            "loop": loop,
            "video": "frames.mp4",
            "thumbnail": "thumbnail.png",
            "source": "made in a test",
            "licence": "none",
            "engines": {"fake": EngineEntry(kind="fake", file="fake.safetensors").model_dump()},
            "actions": {name: action.model_dump() for name, action in (actions or {}).items()},
            "checksums": {},
        }
    )
    pictures = np.stack([np.full((SIZE * 3 // 2, SIZE), n, np.uint8) for n in range(manifest.pictures)])
    return AvatarBundle(Path(), manifest, pictures)


class FakeAvatar:
    """A prepared avatar."""

    def __init__(self, frames: int = 5, memory: int = 0, actions: Mapping[str, Action] | None = None) -> None:
        self.bundle = bundle(frames, actions=actions)
        self.memory = memory


class LevelStream:
    """A window is the mean level of its own 40 ms, after one picture of right context."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.int16)

    def push(self, pcm: Int16Array) -> Iterator[Window]:
        """Pay out what has its right context."""
        self._samples = np.concatenate([self._samples, pcm])
        while len(self._samples) >= 2 * FRAME_SAMPLES:
            yield self._take()

    def flush(self) -> Iterator[Window]:
        """Pay out the rest."""
        while len(self._samples) >= FRAME_SAMPLES:
            yield self._take()

    def reset(self) -> None:
        """Begin anew."""
        self._samples = np.zeros(0, np.int16)

    def _take(self) -> Window:
        level = np.abs(self._samples[:FRAME_SAMPLES].astype(np.float32)).mean()
        self._samples = self._samples[FRAME_SAMPLES:]
        return np.array([level], np.float32)


class FakeEngine:
    """A mouth is its window; a picture has the mouth's level in its first pixel."""

    spec = EngineSpec("fake", best_batch=4, context_ms=40)

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.failing = False
        self.gate = threading.Event()
        self.gate.set()

    def load(self, models: Path, device: str) -> None:
        """Nothing to load."""

    def open_avatar(self, bundle: AvatarBundle) -> EngineAvatar:
        """Nothing to prepare."""
        return FakeAvatar()

    def features(self, lookahead_ms: int = 0) -> FeatureStream:
        """A fresh stream."""
        return LevelStream()

    def listen(self, pcm: Int16Array) -> Iterator[Window]:
        """The windows of a stream."""
        stream = LevelStream()
        yield from stream.push(pcm)
        yield from stream.flush()

    def infer(self, jobs: Sequence[LipJob]) -> list[Mouth]:
        """Give back the windows, once the gate is open."""
        self.gate.wait(5)
        self.batches.append(len(jobs))
        if self.failing:
            raise RuntimeError("the engine broke")
        return [job.window for job in jobs]

    def paste(self, mouth: Mouth, frame: int, avatar: EngineAvatar) -> Picture:
        """Write the level into the first pixel."""
        picture: Picture = avatar.bundle.pictures[frame].copy()
        picture[0, 0] = min(255, int(mouth[0]) // 64)
        return picture

    def ease(self, mouth: Mouth, share: float) -> Mouth:
        """Scale the level."""
        return np.asarray(mouth * share)


class FakeTTS:
    """Speaks each word as 100 ms of a square wave at 16 kHz; fails on the word "fail"."""

    rate = 16_000
    word_samples = 1600

    def __init__(self, voice: str = "") -> None:
        self.spoken: list[str] = []
        self.languages: list[str] = []

    def load(self) -> None:
        """Ready."""

    def voices(self) -> Sequence[str]:
        """One."""
        return ["square"]

    def speak(self, sentence: Sentence, cancel: Cancel) -> Iterator[Pcm | WordTime]:
        """Yield each word's time, then its sound."""
        self.spoken.append(sentence.text)
        self.languages.append(sentence.language)
        offset = 0
        for count, word in enumerate(sentence.text.split()):
            if cancel():
                return
            if word == "fail":
                raise ProviderError("the voice broke", retryable=False)
            offset = sentence.text.index(word, offset)
            yield WordTime(word, offset, count * self.word_samples / self.rate)
            yield Pcm(np.full(self.word_samples, 8000, np.int16), self.rate)
            offset += len(word)

    def close(self) -> None:
        """Nothing to let go of."""


class FakeLLM:
    """Answers what was scripted; each piece waits for the gate, and knows when it was given up."""

    def __init__(self, *pieces: str | Exception) -> None:
        self.pieces: Sequence[str | Exception] = pieces or ("I heard you. ", "And that is all.")
        self.asked: list[Chat] = []
        self.gate = threading.Semaphore(1000)
        self.given_up = threading.Event()

    def load(self) -> None:
        """Ready."""

    def reply(self, chat: Chat, cancel: Cancel) -> Iterator[str]:
        """Yield the pieces; raise those that are exceptions."""
        self.asked.append(chat)
        end = cancel.watch(self.gate.release)
        try:
            for piece in self.pieces:
                assert self.gate.acquire(timeout=WAIT_S)
                if cancel():
                    self.given_up.set()
                    return
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            end()

    def close(self) -> None:
        """Nothing to let go of."""


class Notes:
    """A watcher that writes down what it is told."""

    def __init__(self) -> None:
        self.reached_stages: list[tuple[str, Tag]] = []
        self.failures: list[tuple[str, Tag, Exception]] = []
        self._changed = threading.Condition()

    def reached(self, stage: str, tag: Tag) -> None:
        """Write it down."""
        self.reached_stages.append((stage, tag))

    def failed(self, stage: str, tag: Tag, error: Exception) -> None:
        """Write it down."""
        with self._changed:
            self.failures.append((stage, tag, error))
            self._changed.notify_all()

    def wait_for_failures(self, count: int) -> list[tuple[str, Tag]]:
        """Which stages failed on what, once there are `count` failures."""
        with self._changed:
            there = self._changed.wait_for(lambda: len(self.failures) >= count, WAIT_S)
            assert there, f"{len(self.failures)} of {count} failures came"
            return [(stage, tag) for stage, tag, _ in self.failures]


class Clock:
    """Time that passes when it is told to."""

    def __init__(self, now_s: float = 100.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds


class Basket(Generic[T]):
    """A sink that keeps what it is given, for a test to wait for."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._changed = threading.Condition()

    def put(self, item: T) -> None:
        """Keep it."""
        with self._changed:
            self.items.append(item)
            self._changed.notify_all()

    def wait(self, count: int) -> list[T]:
        """All that came, once there are `count` of them."""
        with self._changed:
            there = self._changed.wait_for(lambda: len(self.items) >= count, WAIT_S)
            assert there, f"{len(self.items)} of {count} came: {self.items}"
            return list(self.items)


class Wall:
    """A sink that never has room; whoever puts waits until it is closed."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._closed = threading.Event()

    def put(self, item: object) -> None:
        """Wait."""
        self.reached.set()
        assert self._closed.wait(WAIT_S), "nobody closed the wall"
        raise Closed("wall")

    def close(self) -> None:
        """Let go of who waits."""
        self._closed.set()


def stops_at_a_wall(stage: Stage[Any, Any]) -> bool:
    """Start a stage that has work; whether it waits for room, and stops once its outbox closes."""
    wall = Wall()
    stage.outbox = wall
    stage.start()
    assert wall.reached.wait(WAIT_S), "the stage handed nothing on"
    stopping = background(stage.stop)
    waited = blocks(stopping)
    wall.close()
    stopping.result(WAIT_S)
    return waited


def background(call: Callable[[], T]) -> Future[T]:
    """Call something that may block, in a thread that cannot keep the tests from ending."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except Exception as error:  # noqa: BLE001 - handed to the test
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return answer


def blocks(answer: Future[T]) -> bool:
    """Whether a call in the background does not come back."""
    done, _ = wait([answer], BLOCKED_S)
    return not done


def chunk(level: int, tag: Tag, *marks: Mark, last: bool = False) -> AudioChunk:
    """20 ms of sound of one level."""
    return AudioChunk(frozen(np.full(CHUNK_SAMPLES, level, np.int16)), tag, marks, last)


def counted(metrics: Metrics, sample: str) -> float:
    """What Prometheus would read: `underruns_total`, or `frames_played_total{kind="idle"}`."""
    for line in metrics.text().decode().splitlines():
        name, _, value = line.rpartition(" ")
        if name == f"livetalk_{sample}":
            return float(value)
    return 0.0
