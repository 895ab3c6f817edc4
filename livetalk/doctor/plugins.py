"""What is loaded by name: the engine's weights, avatar, voice, language model, recogniser, H264, outputs."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

import av.logging
import numpy as np

from livetalk.assets import asset, flag_for
from livetalk.avatar.manifest import read_manifest
from livetalk.avatars import Avatars
from livetalk.broadcast.choice import HARDWARE, SOFTWARE, choose_h264, prove
from livetalk.cancellation import Cancellation
from livetalk.doctor.finding import Finding, Mark
from livetalk.errors import EncoderError, LivetalkError, ProviderError
from livetalk.metrics import Metrics
from livetalk.models.catalogue import SETS, ModelSet
from livetalk.models.check import has_something, inspect
from livetalk.protocols import Chat, Message
from livetalk.registry import make_engine, make_llm, make_output, make_stt, make_tts
from livetalk.server.options import output_options
from livetalk.settings import (
    Settings,
    chosen_llm,
    chosen_stt,
    llm_options,
    parse_outputs,
    stt_options,
    voice_options,
)
from livetalk.steadfast import NO_FALLBACK
from livetalk.types import SAMPLE_RATE, Sentence, Tag

ANSWER_S = 15.0
"""so long a language model may take to its first words, and a recogniser over a second of silence"""


def engine(settings: Settings) -> Sequence[Finding]:
    """Its weights: by their sizes where they are large, else by loading them."""
    made = make_engine(settings.engine)
    sets = _sets(settings, made.spec.avatars)
    if not sets:
        made.load(settings.models_dir, "cpu")
        return [Finding("engine", Mark.OK, f"{settings.engine}: its weights load")]
    return [_weights(each, settings) for each in sets]


def avatar(settings: Settings) -> Sequence[Finding]:
    """That it is there, and made for the engine."""
    avatars = Avatars(settings.avatars_dir, settings.cache_dir, make_engine(settings.engine), 0, Metrics())
    ids = avatars.ids()
    if settings.avatar not in ids:
        there = ", ".join(ids) or "none"
        found = f"no avatar {settings.avatar!r} for engine {settings.engine} in {settings.avatars_dir}"
        todo = f"name another: --avatar; there are: {there}"
        if avatars.has(settings.avatar):
            todo = f"it is made for another engine; {todo}"
        return [Finding("avatar", Mark.FAIL, found, todo)]
    avatars.thumbnail(settings.avatar)
    folder = settings.avatars_dir / settings.avatar
    if not (folder / "avatar.json").is_file():
        return [Finding("avatar", Mark.OK, f"{settings.avatar}, as another program made it")]
    manifest = read_manifest(folder)
    size = f"{manifest.width}x{manifest.height}, {manifest.frames} pictures"
    return [Finding("avatar", Mark.OK, f"{settings.avatar}: {size}")]


def voice(settings: Settings) -> Sequence[Finding]:
    """That it says a word; where it cannot, which one stands in for it."""
    made = make_tts(settings.tts, voice_options(settings))
    try:
        made.load()
        for _ in made.speak(Sentence("hello", Tag(0, 0)), Cancellation()):
            pass
        return [Finding("voice", Mark.OK, f"{settings.tts}: speaks, and has {len(made.voices())} voices")]
    except ProviderError as error:
        if settings.tts_fallback in (*NO_FALLBACK, settings.tts):
            raise
        found = f"{settings.tts} does not speak: {error}"
        return [
            Finding("voice", Mark.WARN, found, f"until it does, {settings.tts_fallback} stands in for it")
        ]
    finally:
        made.close()


def language_model(settings: Settings) -> Sequence[Finding]:
    """That it begins to answer: its server, the key, and the model's name."""
    name = chosen_llm(settings)
    if settings.realtime != "none":
        return [Finding("language model", Mark.OK, f"not asked: realtime is {settings.realtime}")]
    if name == "none":
        return [Finding("language model", Mark.OK, "none; chat is answered by how to get one")]
    options = llm_options(settings)
    made = make_llm(name, dataclasses.replace(options, timeout_s=min(ANSWER_S, options.timeout_s)))
    try:
        made.load()
        begun, enough = time.monotonic(), Cancellation()
        for _ in made.reply(Chat([Message("user", "Hello")]), enough):
            enough.cancel()
        took_s = time.monotonic() - begun
        return [Finding("language model", Mark.OK, f"{name}: begins to answer within {took_s:.1f} s")]
    finally:
        made.close()


def recogniser(settings: Settings) -> Sequence[Finding]:
    """That it is given a second of silence, and answers: its weights or its server, and the key."""
    name = chosen_stt(settings)
    if name == "none":
        return [Finding("recogniser", Mark.OK, "none; pages use that of the browser, if it has one")]
    options = stt_options(settings)
    made = make_stt(name, dataclasses.replace(options, timeout_s=min(ANSWER_S, options.timeout_s)))
    try:
        made.load()
        begun = time.monotonic()
        for _ in made.transcribe(iter([np.zeros(SAMPLE_RATE, np.int16)]), Cancellation()):
            pass
        return [Finding("recogniser", Mark.OK, f"{name}: answers within {time.monotonic() - begun:.1f} s")]
    finally:
        made.close()


def encoder(settings: Settings) -> Sequence[Finding]:
    """Which one makes H264, and why no hardware does."""
    asked = settings.video_encoder
    problems = {coder: _problem(coder) for coder in (*HARDWARE.values(), SOFTWARE)}
    try:
        chosen = choose_h264(asked)
    except EncoderError:
        todo = "use --video-encoder auto, which takes what works here"
        return [Finding("encoder", Mark.FAIL, f"{asked} does not work: {problems[HARDWARE[asked]]}", todo)]
    if problems[chosen]:
        return [Finding("encoder", Mark.FAIL, f"{chosen}: {problems[chosen]}", "use --video-codec vp8")]
    missing = [f"{name} ({problems[coder]})" for name, coder in HARDWARE.items() if problems[coder]]
    found = f"{chosen} ({asked})" + (f"; not here: {', '.join(missing)}" if chosen == SOFTWARE else "")
    return [Finding("encoder", Mark.OK, found)]


def outputs(settings: Settings) -> Sequence[Finding]:
    """That each can be made; where it leads, and with which key, is not told."""
    options = output_options(settings)
    findings = []
    for name, target in parse_outputs(settings.outputs).items():
        try:
            make_output(target, options)
        except LivetalkError as error:
            told = str(error).replace(target, f"{target.partition(':')[0]}:...")
            findings.append(Finding("outputs", Mark.FAIL, f"{name}: {told}", "correct it: --outputs"))
        else:
            findings.append(Finding("outputs", Mark.OK, f"{name}, by {target.partition(':')[0]}"))
    return findings or [Finding("outputs", Mark.OK, "none; sessions are shown in browsers alone")]


def _sets(settings: Settings, family: str) -> list[ModelSet]:
    """What the catalogue knows of the engine's weights: of the version that is there, or of the newest."""
    versions = [each for name, each in SETS.items() if name == family or name.startswith(f"{family}-v")]
    there = [each for each in versions if has_something(settings.models_dir, each)] or versions
    extra = settings.engine.removeprefix(f"{family}-")
    return [*there[:1], *([SETS[extra]] if extra in SETS and extra != family else [])]


def _weights(wanted: ModelSet, settings: Settings) -> Finding:
    findings = [inspect(need, settings.models_dir, _silent, quick=True) for need in wanted.needs]
    bad = [each for each in findings if not each.usable]
    if not bad:
        return Finding("engine", Mark.OK, f"{settings.engine}: {wanted.title} is complete, by its sizes")
    there = flag_for("--models-dir", settings.models_dir, asset("models"))
    named = ", ".join(f"{each.file.place} ({each.state.value})" for each in bad)
    todo = f"livetalk models download {wanted.name}{there}"
    return Finding("engine", Mark.FAIL, f"{wanted.title}: {named}", todo)


def _silent(label: str, done: int, size: int) -> None:
    """Sizes are compared in no time."""


def _problem(coder: str) -> str:
    """Why an encoder of FFmpeg does not work, in its own first words; "" where it does."""
    level = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as told:
            prove(coder)
    except EncoderError as error:
        return told[0][2].strip() if told else str(error).removeprefix(f"{coder} ")
    finally:
        av.logging.set_level(level)
    return ""


__all__ = ["avatar", "encoder", "engine", "language_model", "outputs", "recogniser", "voice"]
