"""Think: the language model answers a question, sentence by sentence; what needs no answer passes by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeAlias

from livetalk.errors import ProviderError
from livetalk.language import LONGEST_AMID, language
from livetalk.pipeline.channel import Channel
from livetalk.pipeline.epoch import Epoch
from livetalk.pipeline.speak import Speech
from livetalk.pipeline.stage import Sink, Stage, Watcher
from livetalk.protocols import LLM, Chat
from livetalk.text import SpokenText
from livetalk.types import Question, Sentence, Tag

Asked: TypeAlias = Question | Speech

MOST_AT_ONCE = 2048
"""characters that are read, or told, at a time: what has no word to say, as code, may go on for long, and an
event has to fit into a message of a data channel"""


class Scribe(Protocol):
    """Knows the conversation."""

    def prompt(self, question: Question) -> Chat:
        """What the model is asked with."""

    def wrote(self, tag: Tag, text: str, sentence: str, last: bool) -> None:
        """A part of the answer as the model wrote it, and the sentence that is spoken of it, "" for none."""


class Think(Stage[Asked, Speech]):
    """Hands on each sentence as soon as it is written, the first clause sooner."""

    def __init__(
        self,
        asked: Channel[Asked],
        msgqueue: Sink[Speech],
        epoch: Epoch,
        watcher: Watcher,
        llm: LLM,
        scribe: Scribe,
    ) -> None:
        super().__init__("think", asked, msgqueue, epoch, watcher)
        self._llm = llm
        self._scribe = scribe
        self._answer: _Answer | None = None

    def process(self, item: Asked) -> Iterator[Speech]:
        """Answer, or hand on."""
        if not isinstance(item, Question):
            yield item
            return
        self._answer = answer = _Answer(item, self._scribe)
        with self.epoch.cancellation(item.tag) as cancel:
            for token in self._llm.reply(self._scribe.prompt(item), cancel):
                if not answer.begun:
                    self._watcher.reached("llm", item.tag)
                for start in range(0, len(token), MOST_AT_ONCE):
                    if cancel():
                        return
                    yield from answer.feed(token[start : start + MOST_AT_ONCE])
            if cancel():
                return
        rest = answer.flush()
        if not answer.begun:
            raise ProviderError("the language model gave no answer; ask again", retryable=True)
        yield from rest

    def recover(self, item: Asked) -> Iterator[Speech]:
        """What was written before the model failed is said to its end."""
        if isinstance(item, Question) and self._answer is not None and self._answer.begun:
            yield from self._answer.flush()


class _Answer:
    """An answer that is being written."""

    def __init__(self, question: Question, scribe: Scribe) -> None:
        self.begun = False
        """whether anything was written"""
        self._question = question
        self._scribe = scribe
        self._spoken = SpokenText()
        self._raw = ""
        """what was written since the last sentence"""
        self._first = True
        self._said = question.text
        """before the next sentence, first of all by the user"""

    def feed(self, token: str) -> Iterator[Sentence]:
        """Take what the model wrote next."""
        self.begun = self.begun or bool(token.strip())
        self._raw += token
        for text in self._spoken.feed(token):
            yield self._sentence(text, last=False)
        if len(self._raw) >= MOST_AT_ONCE:
            self._tell("", last=False)

    def flush(self) -> list[Sentence]:
        """The answer ends here."""
        texts = self._spoken.flush()
        if not texts:
            return [self._sentence("", last=True)]
        return [self._sentence(text, last=place == len(texts) - 1) for place, text in enumerate(texts)]

    def _sentence(self, text: str, *, last: bool) -> Sentence:
        question = self._question
        self._tell(text, last=last)
        first, self._first = self._first, False
        spoken_in = language(text, self._said)
        self._said = f"{self._said[-LONGEST_AMID:]} {text}"
        return Sentence(text, question.tag, question.voice, first, last, question.fields, spoken_in)

    def _tell(self, text: str, *, last: bool) -> None:
        self._scribe.wrote(self._question.tag, self._raw, text, last)
        self._raw = ""


__all__ = ["Asked", "Scribe", "Think"]
