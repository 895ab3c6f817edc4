"""Which plugins there are: the built-in table, and other people's by entry points."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, cast

from livetalk.errors import PluginError
from livetalk.protocols import (
    LLM,
    STT,
    TTS,
    Engine,
    LLMOptions,
    Output,
    OutputOptions,
    Preparer,
    Previewer,
    Realtime,
    RealtimeOptions,
    STTOptions,
    Tool,
    VoiceOptions,
)

KINDS = {
    "livetalk.engines": "engine",
    "livetalk.tts": "voice plugin",
    "livetalk.llm": "language model plugin",
    "livetalk.stt": "recogniser plugin",
    "livetalk.realtime": "speech-to-speech plugin",
    "livetalk.tools": "tool",
    "livetalk.outputs": "output",
    "livetalk.importers": "importer of avatars",
    "livetalk.lean": "lean weights of",
    "livetalk.preparers": "preparer of avatars for",
    "livetalk.previewers": "previewer of avatars for",
}
BUILT_IN: dict[str, dict[str, str]] = {
    "livetalk.engines": {
        "musetalk": "livetalk.engines.musetalk.engine:MuseTalkEngine",
        "musetalk-taesd": "livetalk.engines.musetalk.engine:TinyMuseTalkEngine",
        "viseme": "livetalk.engines.viseme.engine:VisemeEngine",
    },
    "livetalk.tts": {
        "azure": "livetalk.tts.azure:azure",
        "cosyvoice": "livetalk.tts.cosyvoice:cosyvoice",
        "edge": "livetalk.tts.edge:edge",
        "espeak": "livetalk.tts.espeak:espeak",
        "fish": "livetalk.tts.fish:fish",
        "gpt-sovits": "livetalk.tts.gpt_sovits:gpt_sovits",
        "http": "livetalk.tts.http:http",
        "openai": "livetalk.tts.openai:openai",
        "xtts": "livetalk.tts.xtts:xtts",
    },
    "livetalk.llm": {"none": "livetalk.llm.advice:Advice", "openai": "livetalk.llm.openai:OpenAILLM"},
    "livetalk.stt": {
        "faster-whisper": "livetalk.stt.faster_whisper:FasterWhisper",
        "openai": "livetalk.stt.openai:OpenAISTT",
    },
    "livetalk.realtime": {"openai": "livetalk.realtime.openai:OpenAIRealtime"},
    "livetalk.tools": {"clock": "livetalk.tools.clock:Clock"},
    "livetalk.outputs": {
        "camera": "livetalk.transports.camera:CameraOutput",
        "file": "livetalk.transports.recorder:record_to",
        "preview": "livetalk.transports.preview:PreviewOutput",
        "rtmp": "livetalk.transports.rtmp.output:RtmpOutput",
        "rtmps": "livetalk.transports.rtmp.output:RtmpOutput",
        "sound": "livetalk.transports.sound:SoundOutput",
        "whip+http": "livetalk.transports.webrtc.whip:WhipOutput",
        "whip+https": "livetalk.transports.webrtc.whip:WhipOutput",
    },
    "livetalk.importers": {"musetalk": "livetalk.engines.musetalk.importing:import_folder"},
    "livetalk.lean": {
        "musetalk": "livetalk.engines.musetalk.lean:make_lean",
        "musetalk-v10": "livetalk.engines.musetalk.lean:make_lean_v10",
    },
    "livetalk.preparers": {
        "musetalk": "livetalk.engines.musetalk.preparing:MuseTalkPreparer",
        "viseme": "livetalk.engines.viseme.preparing:VisemePreparer",
    },
    "livetalk.previewers": {"musetalk": "livetalk.engines.musetalk.previewing:MuseTalkPreviewer"},
}
"""group of entry points -> name -> module:factory"""


def installed(group: str) -> dict[str, str]:
    """The names that `group` knows, and where each is."""
    found = {entry.name: entry.value for entry in entry_points(group=group)}
    return {**found, **BUILT_IN[group]}


def make_engine(name: str) -> Engine:
    """A fresh engine, not loaded.

    Raises:
        PluginError: unknown, or its package is missing.
    """
    return cast(Engine, _factory("livetalk.engines", name)())


def make_tts(name: str, options: VoiceOptions) -> TTS:
    """A fresh voice plugin, not loaded.

    Raises:
        PluginError: unknown, or its package is missing.
        SettingsError: an option is none of its.
    """
    return cast(TTS, _factory("livetalk.tts", name)(options))


def make_llm(name: str, options: LLMOptions) -> LLM:
    """A fresh language model plugin, not loaded.

    Raises:
        PluginError: unknown, or its package is missing.
        SettingsError: an option is none of its.
    """
    return cast(LLM, _factory("livetalk.llm", name)(options))


def make_stt(name: str, options: STTOptions) -> STT:
    """A fresh recogniser plugin, not loaded.

    Raises:
        PluginError: unknown, or its package is missing.
        SettingsError: an option is none of its.
    """
    return cast(STT, _factory("livetalk.stt", name)(options))


def make_realtime(name: str, options: RealtimeOptions) -> Realtime:
    """A fresh speech-to-speech plugin, not loaded.

    Raises:
        PluginError: unknown, or its package is missing.
        SettingsError: an option is none of its.
    """
    return cast(Realtime, _factory("livetalk.realtime", name)(options))


def make_tool(name: str) -> Tool:
    """A tool for language models.

    Raises:
        PluginError: unknown, or its package is missing.
    """
    return cast(Tool, _factory("livetalk.tools", name)())


def make_output(target: str, options: OutputOptions) -> Output:
    """What carries a session to `target`, not started: a URL, its scheme the plugin's name, or a bare name.

    Raises:
        PluginError: unknown, or its package is missing.
        OutputError: the target is not one of its kind; says what it looks like.
    """
    return cast(Output, _factory("livetalk.outputs", output_kind(target))(target, options))


def output_kind(target: str) -> str:
    """The name of the plugin that a target belongs to."""
    return re.split("[:?]", target, maxsplit=1)[0].lower()


def make_importer(engine: str) -> Callable[[Path, Path, Path, str | None], None]:
    """What makes a bundle for an engine of (a folder, target, cache, version).

    Raises:
        PluginError: there is none, or its package is missing.
    """
    return _factory("livetalk.importers", engine)


def make_preparer(engine: str, models: Path, device: str) -> Preparer:
    """What prepares avatars for an engine; nothing is loaded yet.

    Raises:
        PluginError: there is none, or its package is missing.
    """
    return cast(Preparer, _factory("livetalk.preparers", engine)(models, device))


def make_previewer(engine: str, models: Path) -> Previewer:
    """What tells how an engine's choices change an avatar, before it is made; nothing is loaded yet.

    Raises:
        PluginError: there is none, or its package is missing.
    """
    return cast(Previewer, _factory("livetalk.previewers", engine)(models))


def make_lean(name: str, models: Path, target: Path) -> None:
    """Write what streaming needs of the weights below `models`, and no more, as the folder `target`.

    Raises:
        PluginError: unknown, or its package is missing.
        ModelError: the weights are not usable, or `target` is there already.
    """
    _factory("livetalk.lean", name)(models, target)


def _factory(group: str, name: str) -> Callable[..., Any]:
    table = installed(group)
    kind = KINDS[group]
    if name not in table:
        raise PluginError(f"unknown {kind} {name!r}; installed are: {', '.join(sorted(table))}")
    try:
        return cast(Callable[..., Any], EntryPoint(name, table[name], group).load())
    except ModuleNotFoundError as error:
        raise PluginError(f"{kind} {name!r} needs the package {error.name!r}: pip install it") from error
    except (ImportError, AttributeError) as error:
        raise PluginError(f"{kind} {name!r} cannot be imported: {error}") from error
