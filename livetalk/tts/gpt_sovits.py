"""GPT-SoVITS, a server of one's own that clones a voice from three to ten seconds of it.

Its `api_v2.py` takes POST /tts with JSON: `text`, `text_lang`, `ref_audio_path`, `prompt_text`,
`prompt_lang`, `media_type` (wav, raw, ogg, aac) and `streaming_mode` (true, or in newer versions 0 to 3, of
which 3 begins earliest and sounds worst). The recording is named by its path on the server's machine; one
shorter than 3 s or longer than 10 s is refused there. Languages are zh, ja, en, ko, yue, each mixed with
English, the same with `all_` before them for one language alone, and auto and auto_yue.

A good answer is audio. Streamed as WAV it begins with a header whose sizes are 0, then come 16-bit samples,
at 32 kHz for v1 and v2, 24 kHz for v3, 48 kHz for v4. A refusal is 400 with JSON: `message`, and
`Exception` where the model failed. What fails after the stream has begun breaks the connection off.

The older `api.py` takes POST / with `text`, `text_language`, `refer_wav_path`, `prompt_text` and
`prompt_language`; how it answers is said when it is started: WAV, or with `-sm normal` Ogg or AAC as it is
made.
"""

from __future__ import annotations

import asyncio

from livetalk.errors import SettingsError
from livetalk.language import language, spoken_in
from livetalk.protocols import VoiceOptions
from livetalk.remote.http import Request
from livetalk.tts.cloning import CloningProvider
from livetalk.tts.options import Kinds
from livetalk.tts.references import Reference
from livetalk.tts.remote_voice import RemoteVoice
from livetalk.types import Sentence

ADDRESS = "http://127.0.0.1:9880"
OPTIONS: Kinds = {
    "api": str,
    "reference_dir": str,
    "streaming_mode": (int, bool),
    "text_lang": str,
    "prompt_lang": str,
}
LANGUAGES = frozenset({"zh", "ja", "en", "ko"})
"""those that a text's own language can be; for others the server is left to guess"""
SHORTEST_S, LONGEST_S = 3.0, 10.0


class GptSovits(CloningProvider):
    """Speaks to `api_v2.py`, or with the option `api` "v1" to `api.py`."""

    def __init__(self, options: VoiceOptions) -> None:
        """Read the options.

        Raises:
            SettingsError: one is none of it.
        """
        super().__init__("GPT-SoVITS", ADDRESS, options, OPTIONS)
        extra = self.extra
        self._old = _is_old(extra.get("api", "v2"))
        self._folder: str = extra.get("reference_dir", "")
        self._mode = _mode(extra.get("streaming_mode", True))
        self._text_language: str = extra.get("text_lang", "")
        self._prompt_language: str = extra.get("prompt_lang", "")

    async def request(self, sentence: Sentence, voice: Reference | str) -> Request:
        """JSON that names the recording by its path there."""
        if isinstance(voice, str):
            raise self.no_recording()
        return await asyncio.to_thread(self._request, sentence, voice)

    def _request(self, sentence: Sentence, reference: Reference) -> Request:
        said = reference.needed_text(self.name)
        reference.wav(SHORTEST_S, LONGEST_S)
        path = self._path(reference)
        spoken = self._text_language or _known(spoken_in(sentence))
        written = self._prompt_language or _known(language(said))
        if self._old:
            body = {
                "refer_wav_path": path,
                "prompt_text": said,
                "prompt_language": written,
                "text": sentence.text,
                "text_language": spoken,
            }
            return Request(f"{self.url}/", headers=self.headers, json={**body, **self.further})
        body = {
            "text": sentence.text,
            "text_lang": spoken,
            "ref_audio_path": path,
            "prompt_text": said,
            "prompt_lang": written,
        }
        told = {"media_type": "wav", "streaming_mode": self._mode}
        return Request(f"{self.url}/tts", headers=self.headers, json={**body, **told, **self.further})

    def _path(self, reference: Reference) -> str:
        """Where the recording lies on the server's machine."""
        if not self._folder:
            return str(reference.path.resolve())
        separator = "\\" if "\\" in self._folder and "/" not in self._folder else "/"
        return f"{self._folder.rstrip(separator)}{separator}{reference.path.name}"


def gpt_sovits(options: VoiceOptions) -> RemoteVoice:
    """The plugin as the settings have it.

    Its options: `api` ("v2", or "v1" for api.py), `reference_dir` (where the recordings lie on the server's
    machine), `streaming_mode` (0 to 3, for newer servers), `text_lang` and `prompt_lang` (else guessed), and
    `body` (an object of further fields of the request, as speed_factor).

    Raises:
        SettingsError: another option, or an address that is none.
    """
    return RemoteVoice(GptSovits(options), options)


def _is_old(api: str) -> bool:
    if api not in ("v1", "v2"):
        raise SettingsError(f"tts_options: api of gpt-sovits is v1 (api.py) or v2 (api_v2.py), not {api!r}")
    return api == "v1"


def _mode(mode: int) -> int:
    if mode not in (0, 1, 2, 3):
        raise SettingsError(f"tts_options: streaming_mode of gpt-sovits is true, false or 0 to 3, not {mode}")
    return mode


def _known(tag: str) -> str:
    return tag if tag in LANGUAGES else "auto"


__all__ = ["GptSovits", "gpt_sovits"]
