"""CosyVoice, a server of one's own that clones a voice, or speaks with those that its model was made with.

Its `runtime/python/fastapi/server.py` takes forms by POST: /inference_zero_shot (`tts_text`, `prompt_text`,
`prompt_wav`, a file) says a text in a recording's voice; /inference_cross_lingual (`tts_text`,
`prompt_wav`) does where the recording speaks another language, or nobody knows what it says;
/inference_instruct2 (`tts_text`, `instruct_text`, `prompt_wav`) says it as it is told to; /inference_sft
(`tts_text`, `spk_id`) and /inference_instruct (with `instruct_text`) use a speaker of the model. A
recording has 16 kHz or more, and 30 s or less.

A good answer is bare 16-bit samples, and nothing tells their rate: 22050 Hz of CosyVoice-300M, 24000 Hz of
CosyVoice2 and Fun-CosyVoice3. CosyVoice3 wants what it is told, ended by `<|endofprompt|>`, before the text
of the recording, or before what is to be said where there is none. Failures are 500 with plain text, 422
with JSON where a field is missing; what fails after the answer has begun breaks the connection off.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence

import aiohttp

from livetalk.audio.decoding import Decoder, decoder
from livetalk.errors import SettingsError
from livetalk.language import language, spoken_in
from livetalk.protocols import VoiceOptions
from livetalk.remote.http import Request
from livetalk.tts.cloning import CloningProvider
from livetalk.tts.references import Reference
from livetalk.tts.remote_voice import RemoteVoice
from livetalk.types import Sentence

ADDRESS = "http://127.0.0.1:50000"
RATE, OLD_RATE = 24_000, 22_050
SPEAKERS = ("中文女", "中文男", "日语男", "粤语女", "英文女", "英文男", "韩语女")
"""of CosyVoice-300M-SFT and -Instruct"""
LONGEST_S = 30.0
ROLE, END = "You are a helpful assistant.", "<|endofprompt|>"
"""what CosyVoice3 is told, by its own examples"""


class CosyVoice(CloningProvider):
    """Chooses the route by the voice, by what is known of the recording, and by the texts' languages."""

    def __init__(self, options: VoiceOptions) -> None:
        """Read the options.

        Raises:
            SettingsError: one is none of it.
        """
        super().__init__("CosyVoice", ADDRESS, options, {"rate": int, "instruct": str, "speakers": list})
        extra = self.extra
        model = options.model.lower()
        self._third = "cosyvoice3" in model
        self._rate = _checked_rate(extra.get("rate", OLD_RATE if "300m" in model else RATE))
        with_speakers = model.endswith(("-sft", "-instruct"))
        self._own = [str(name) for name in extra.get("speakers", SPEAKERS if with_speakers else ())]
        self._instruct: str = extra.get("instruct", "")

    async def speakers(self) -> Sequence[str]:
        """Those of the settings, or of the model; the server cannot be asked."""
        return self._own

    async def request(self, sentence: Sentence, voice: Reference | str) -> Request:
        """A form; a recording goes with it as a file."""
        if isinstance(voice, Reference):
            return await asyncio.to_thread(self._cloned, sentence, voice)
        if not voice:
            raise self.no_recording()
        text = sentence.text
        if self._instruct:
            return self._form("inference_instruct", tts_text=text, spk_id=voice, instruct_text=self._instruct)
        return self._form("inference_sft", tts_text=text, spk_id=voice)

    def decoder(self) -> Decoder:
        """Bare samples."""
        return decoder("pcm", self._rate)

    def _cloned(self, sentence: Sentence, reference: Reference) -> Request:
        text, sound = sentence.text, reference.wav(longest_s=LONGEST_S)
        if self._instruct:
            told = f"{ROLE} {self._instruct}{END}" if self._third else self._instruct
            return self._form("inference_instruct2", sound, tts_text=text, instruct_text=told)
        said = reference.text()
        before = ROLE + END if self._third else ""
        if said and language(said) == spoken_in(sentence):
            return self._form("inference_zero_shot", sound, tts_text=text, prompt_text=before + said)
        return self._form("inference_cross_lingual", sound, tts_text=before + text)

    def _form(self, route: str, sound: bytes = b"", **fields: str) -> Request:
        def made() -> aiohttp.FormData:
            form = aiohttp.FormData({**fields, **{name: str(value) for name, value in self.further.items()}})
            if sound:
                form.add_field(
                    "prompt_wav", io.BytesIO(sound), filename="prompt.wav", content_type="audio/wav"
                )
            return form

        return Request(f"{self.url}/{route}", headers=self.headers, form=made)


def cosyvoice(options: VoiceOptions) -> RemoteVoice:
    """The plugin as the settings have it; `tts_model` is the model that the server was started with.

    Its options: `rate` (Hz, else by the model), `instruct` (how to say it all), `speakers` (the model's own,
    else those of the SFT models) and `body` (an object of further fields of the form).

    Raises:
        SettingsError: another option, or an address that is none.
    """
    return RemoteVoice(CosyVoice(options), options)


def _checked_rate(rate: int) -> int:
    if not 8_000 <= rate <= 48_000:
        raise SettingsError(f"tts_options: rate of cosyvoice is 8000 to 48000 Hz, not {rate}")
    return rate


__all__ = ["CosyVoice", "cosyvoice"]
