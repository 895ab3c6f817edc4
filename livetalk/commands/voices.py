"""`livetalk voices`: which voices there are, and how one of them sounds."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import soundfile

from livetalk import flags
from livetalk.audio.resample import StreamResampler
from livetalk.cancellation import Cancellation
from livetalk.commands.clips import until_stopped
from livetalk.devices.playing import OncePlayer
from livetalk.errors import ProviderError, SettingsError
from livetalk.protocols import TTS, Pcm
from livetalk.registry import installed, make_tts
from livetalk.render.partial import check_file, partial, writing
from livetalk.settings import Settings, load_for, voice_options
from livetalk.text import clean, cut
from livetalk.types import Int16Array, Sentence, Tag

DESCRIPTION = "List the voices of a voice plugin, and listen to one."
EPILOG = (
    "livetalk voices --tts edge de- lists the German voices of Edge; livetalk voices --tts edge --play "
    "de-DE-KatjaNeural plays one, and with --out voice.wav it goes to a file as well."
)
SETTINGS = ("tts", "voice", "tts_url", "tts_model", "tts_options", "tts_timeout_s", "voices_dir")
SAMPLES = {
    "zh": "你好，我就是这样说话的。",
    "cmn": "你好，我就是这样说话的。",
    "ja": "こんにちは。私はこんな声で話します。",
    "de": "Guten Tag. So klinge ich, wenn ich spreche.",
    "fr": "Bonjour. Voilà comment je parle.",
    "es": "Hola. Así sueno cuando hablo.",
}
"""what a voice says whose name begins with the language"""
SAMPLE = "Hello there. This is how I sound when I speak."


def run(arguments: Sequence[str]) -> int:
    """List voices, or let one speak.

    Raises:
        LivetalkError: a setting is wrong, the voice cannot be had, or there is nothing to play it to.
    """
    return until_stopped(lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> None:
    settings, asked = load_for(_line(), SETTINGS, arguments)
    if asked.out is not None:
        check_file(asked.out, (".wav",), asked.force)
    with closing(make_tts(settings.tts, voice_options(settings))) as tts:
        tts.load()
        if asked.play is None and asked.out is None:
            _list(tts, settings, asked.word, arguments)
        else:
            _speak(tts, settings, asked)


def _line() -> argparse.ArgumentParser:
    line = flags.parser("voices", DESCRIPTION, EPILOG)
    line.add_argument("word", metavar="WORD", nargs="?", default="", help="list those alone that have it")
    line.add_argument("--play", metavar="VOICE", help="play a voice; auto is the plugin's own choice")
    line.add_argument("--text", metavar="TEXT", help="what it says, in place of a greeting")
    line.add_argument("--device", metavar="NAME", help="the sound device; livetalk devices lists them")
    line.add_argument("--out", type=Path, metavar="FILE", help="write a WAV")
    line.add_argument("--force", action="store_true", help="replace a file that is there already")
    return line


def _list(tts: TTS, settings: Settings, word: str, arguments: Sequence[str]) -> None:
    if not any(each.partition("=")[0] == "--tts" for each in arguments):
        names = ", ".join(sorted(installed("livetalk.tts")))
        sys.stdout.write(f"Voice plugins: {names}; these are the voices of {settings.tts}:\n")
    found = [each for each in tts.voices() if word.casefold() in each.casefold()]
    if not found:
        raise SettingsError(f"no voice of {settings.tts} has {word!r} in its name")
    sys.stdout.write("".join(f"{each}\n" for each in found))


def _speak(tts: TTS, settings: Settings, asked: argparse.Namespace) -> None:
    voice = settings.voice if asked.play is None else asked.play
    text = (
        SAMPLES.get(voice.partition("-")[0].partition("+")[0], SAMPLE) if asked.text is None else asked.text
    )
    parts = _parts(tts, text, voice)
    if asked.play is not None:
        parts = _played(parts, asked.device)
    heard = [*parts]
    if not heard:
        raise ProviderError("there is nothing in the text that can be spoken", retryable=False)
    if asked.out is not None:
        _write(asked.out, heard)


def _parts(tts: TTS, text: str, voice: str) -> Iterator[Pcm]:
    """The sound of a text, sentence after sentence, as it comes."""
    for piece in cut(clean(text)):
        for part in tts.speak(Sentence(piece.text, Tag(0, 0), voice), Cancellation()):
            if isinstance(part, Pcm):
                yield part


def _played(parts: Iterator[Pcm], device: str | None) -> Iterator[Pcm]:
    """The same, played on the way."""
    with closing(OncePlayer(device)) as player:
        for part in parts:
            player.push(part.samples, part.rate)
            yield part
        player.finish()


def _write(target: Path, heard: Sequence[Pcm]) -> None:
    rate = heard[0].rate
    sound: list[Int16Array] = []
    for each in heard:
        resampler = StreamResampler(each.rate, rate)
        sound += [resampler.push(each.samples), resampler.flush()] if each.rate != rate else [each.samples]
    content = io.BytesIO()
    soundfile.write(content, np.concatenate(sound), rate, subtype="PCM_16", format="WAV")
    with partial(target) as part, writing(target):
        part.write_bytes(content.getvalue())


__all__ = ["run"]
