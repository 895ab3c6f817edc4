"""A Whisper network as small as can be, in CTranslate2's format: whatever it hears, it says one sentence.

Its decoder looks at positions alone: the vector of each position is that of the token to say there. All else
is as in real ones: the tokens and their order, the mel spectrum, the encoder, the rules of decoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

DEPTH, HEADS, MELS, HEARD, SAID = 64, 2, 80, 1500, 448
"""width, and the numbers of positions of encoder and decoder"""
PLAIN = 50_257
LANGUAGES = list(_LANGUAGE_CODES[:99])
SPECIAL = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    *(f"<|{language}|>" for language in LANGUAGES),
    *("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>"),
    *("<|nospeech|>", "<|notimestamps|>"),
]
TIMES = [f"<|{0.02 * index:.2f}|>" for index in range(1501)]
PROMPT = 4
"""tokens before the first that is said: start, language, task, no times"""


def make_parrot(folder: Path, sentence: str, language: str = "de") -> Path:
    """Write the network; it says `sentence`, and takes what it hears for `language`."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [f"Ġ{word}" for word in sentence.split()]
    tokens = _tokens(words)
    numbers = {token: number for number, token in enumerate(tokens)}
    spec = WhisperSpec(1, HEADS, 1, HEADS)
    weights = _Weights()
    weights.encoder(spec.encoder)
    weights.decoder(spec.decoder, len(tokens))
    answer = [numbers[f"<|{language}|>"], *[numbers["<|transcribe|>"]] * (PROMPT - 2)]
    answer += [numbers[word] for word in words]
    _answer(spec.decoder, [*answer, *[numbers["<|endoftext|>"]] * (SAID - len(answer))])
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [numbers[f"<|{each}|>"] for each in LANGUAGES]
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.optimize(quantization="float16")
    spec.save(str(folder))
    _write_tokenizer(folder / "tokenizer.json", tokens[:PLAIN])
    return folder


def _tokens(words: Sequence[str]) -> list[str]:
    """As many and in the order that real multilingual networks have; the empty one tells that it is one."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    fill = [f"Ġfill{index}" for index in range(PLAIN - 1 - len(letters) - len(set(words)))]
    return [*letters, *dict.fromkeys(words), *fill, "", *SPECIAL, *TIMES]


def _write_tokenizer(path: Path, plain: Sequence[str]) -> None:
    vocabulary = {token: number for number, token in enumerate(plain)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    tokenizer.save(str(path))


def _answer(decoder: Any, tokens: Sequence[int]) -> None:
    """Have it say a token at each position, whatever came before."""
    positions = np.zeros((SAID, DEPTH), np.float32)
    for position, token in enumerate(tokens):
        positions[position] = 30 * decoder.embeddings.weight[token]
    decoder.position_encodings.encodings = positions


class _Weights:
    """Random ones, so small in the decoder that they say nothing."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)

    def encoder(self, spec: Any) -> None:
        self._layer_norm(spec.layer_norm)
        for convolution, width in ((spec.conv1, MELS), (spec.conv2, DEPTH)):
            convolution.weight = self._some(DEPTH, width, 3)
            convolution.bias = np.zeros(DEPTH, np.float32)
        spec.position_encodings.encodings = self._some(HEARD, DEPTH)
        for layer in spec.layer:
            self._attention(layer.self_attention, 3, 1)
            self._feed_forward(layer.ffn)

    def decoder(self, spec: Any, tokens: int) -> None:
        self._layer_norm(spec.layer_norm)
        spec.embeddings.weight = spec.projection.weight = self._some(tokens, DEPTH, scale=1)
        for layer in spec.layer:
            self._attention(layer.self_attention, 3, 1)
            self._attention(layer.attention, 1, 2, 1)
            self._feed_forward(layer.ffn)

    def _attention(self, spec: Any, *widths: int) -> None:
        self._layer_norm(spec.layer_norm)
        for linear, width in zip(spec.linear, widths, strict=True):
            self._linear(linear, DEPTH, width * DEPTH)

    def _feed_forward(self, spec: Any) -> None:
        self._layer_norm(spec.layer_norm)
        self._linear(spec.linear_0, DEPTH, 4 * DEPTH)
        self._linear(spec.linear_1, 4 * DEPTH, DEPTH)

    def _linear(self, spec: Any, inputs: int, outputs: int) -> None:
        spec.weight = self._some(outputs, inputs)
        spec.bias = np.zeros(outputs, np.float32)

    def _layer_norm(self, spec: Any) -> None:
        spec.gamma, spec.beta = np.ones(DEPTH, np.float32), np.zeros(DEPTH, np.float32)

    def _some(self, *shape: int, scale: float = 0.01) -> np.ndarray[Any, np.dtype[np.float32]]:
        return (scale * self._random.standard_normal(shape)).astype(np.float32)


__all__ = ["make_parrot"]
