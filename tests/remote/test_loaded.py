"""What the openai package loads late is there before the first question."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOADED = """
import sys
from livetalk.protocols import LLMOptions, STTOptions, VoiceOptions
from livetalk.{module} import {plugin}
plugin = {plugin}({options}(url="http://127.0.0.1:1/v1", model="any"))
plugin.load()
plugin.close()
assert "openai.resources.{resource}" in sys.modules
"""


@pytest.mark.parametrize(
    ("module", "plugin", "options", "resource"),
    [
        ("llm.openai", "OpenAILLM", "LLMOptions", "chat.completions.completions"),
        ("stt.openai", "OpenAISTT", "STTOptions", "audio.transcriptions"),
        ("tts.openai", "openai", "VoiceOptions", "audio.speech"),
    ],
)
def test_nothing_is_left_to_be_loaded_by_the_first_call(
    module: str, plugin: str, options: str, resource: str
) -> None:
    program = LOADED.format(module=module, plugin=plugin, options=options, resource=resource)
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
