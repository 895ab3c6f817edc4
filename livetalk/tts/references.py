"""References: recordings of voices that are cloned, each with what is said in it."""

from __future__ import annotations

import io
import itertools
import re
import wave
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from livetalk.audio.clip import decode_frames, probe_clip, resample
from livetalk.errors import ProviderError, TooLarge, UnsupportedMedia
from livetalk.language import language

SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".m4a")
"""of recordings; where a name has several, the first of these"""
NAME = re.compile(r"\w[\w .\-]{0,63}")
"""of a recording without its suffix; others are not listed"""
LARGEST_BYTES = 20_000_000
LONGEST_S, SHORTEST_S = 60.0, 1.0
LONGEST_TEXT = 1_000
"""characters"""


@dataclass(frozen=True, slots=True)
class Reference:
    """One recording as it was when it was listed. Errors name its files, and no folder."""

    name: str
    path: Path
    changed_ns: int
    size: int

    @property
    def text_path(self) -> Path:
        """The file that says what is said in it."""
        return self.path.with_suffix(".txt")

    def text(self) -> str:
        """What is said in it, "" where nobody wrote it down.

        Raises:
            ProviderError: the file is no text, or too long for one.
        """
        try:
            text = " ".join(self.text_path.read_text("utf-8-sig").split())
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise _unusable(f"{self.text_path.name} cannot be read as UTF-8 text") from error
        if len(text) > LONGEST_TEXT:
            raise _unusable(
                f"{self.text_path.name} has {len(text)} characters, at most {LONGEST_TEXT} are taken"
            )
        return text

    def needed_text(self, provider: str) -> str:
        """What is said in it, for a provider that cannot do without.

        Raises:
            ProviderError: nobody wrote it down, or the file is no text.
        """
        if text := self.text():
            return text
        raise _unusable(
            f"{provider} has to know what is said in {self.path.name}: write it into {self.text_path.name}, "
            "in the same folder (voices_dir)"
        )

    def language(self) -> str:
        """The language of what is said in it, guessed; "" where nobody wrote it down."""
        text = self.text()
        return language(text) if text else ""

    def wav(self, shortest_s: float = SHORTEST_S, longest_s: float = LONGEST_S) -> bytes:
        """The recording as a WAV file: as it is where it is one, decoded where it is not.

        Raises:
            ProviderError: it is no sound, too short or too long.
        """
        sound, lasts_s = _read(self)
        if not shortest_s <= lasts_s <= longest_s:
            raise _unusable(
                f"{self.path.name} lasts {lasts_s:.1f} s; "
                f"a voice is cloned from {shortest_s:g} to {longest_s:g} s of sound"
            )
        return sound

    def content(self) -> bytes:
        """The file as it is.

        Raises:
            ProviderError: it cannot be read, or is too large.
        """
        try:
            with self.path.open("rb") as file:
                content = file.read(LARGEST_BYTES + 1)
        except OSError as error:
            raise _unusable(f"{self.path.name} cannot be read: {error.strerror}") from error
        if len(content) > LARGEST_BYTES:
            raise _unusable(f"{self.path.name} has more than {LARGEST_BYTES // 1_000_000} MB")
        return content


class References:
    """The recordings of a folder: NAME.wav, .flac, .mp3, .ogg or .m4a, and what is said in it in NAME.txt.

    The folder is looked through whenever it is asked, so a new recording needs no new start. A name is only
    ever compared with what is listed there: no path is made of it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> Mapping[str, Reference]:
        """The recordings by their names, sorted."""
        found: dict[str, Reference] = {}
        for path in sorted(self._files(), key=lambda path: (path.stem, SUFFIXES.index(path.suffix.lower()))):
            with suppress(FileNotFoundError):  # it went meanwhile
                state = path.stat()
                found.setdefault(path.stem, Reference(path.stem, path, state.st_mtime_ns, state.st_size))
        return found

    def find(self, name: str) -> Reference | None:
        """The recording of this name."""
        return self.all().get(name)

    def first(self) -> Reference | None:
        """The recording that is taken where none is named."""
        return next(iter(self.all().values()), None)

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [
            path
            for path in self.folder.iterdir()
            if path.suffix.lower() in SUFFIXES and NAME.fullmatch(path.stem) and path.is_file()
        ]


@lru_cache(maxsize=8)
def _read(reference: Reference) -> tuple[bytes, float]:
    """(the recording as WAV, its seconds)"""
    content = reference.content()
    try:
        declared_s = probe_clip(content, LONGEST_S)
        if content[:4] == b"RIFF" and declared_s:
            return content, declared_s
        return _as_wav(content)
    except (UnsupportedMedia, TooLarge) as error:
        raise _unusable(f"{reference.path.name}: {error}") from error


def _as_wav(content: bytes) -> tuple[bytes, float]:
    """(16-bit mono WAV in the recording's own rate, its seconds); a long one ends a little past the limit."""
    frames = decode_frames(content)
    first = next(frames)
    rate, written, target = first.sample_rate, 0, io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        for frame in resample(itertools.chain([first], frames), "s16", "mono", rate):
            file.writeframes(frame.to_ndarray().astype("<i2", copy=False).tobytes())
            written += frame.samples
            if written > (LONGEST_S + 1) * rate:
                break
    return target.getvalue(), written / rate


def _unusable(message: str) -> ProviderError:
    return ProviderError(message, retryable=False)


__all__ = ["Reference", "References"]
