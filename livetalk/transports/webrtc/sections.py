"""Sections: the one of an offer that carries sound, made an offer of its own; the others are left unused.

aiortc would take pictures and decode them, and refuses an offer whose pictures it cannot decode. So it is
shown the sound alone, and the answer gets the other sections back: inactive what is bundled with the sound,
since publishers that know no rejected section are about, and rejected what is not (RFC 8829, 5.3.1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

TRANSPORT = (
    "ice-ufrag:",
    "ice-pwd:",
    "ice-options:",
    "fingerprint:",
    "setup:",
    "candidate:",
    "end-of-candidates",
)
"""attributes of a section that one which is bundled with it may leave out (RFC 8843, 7.1.3)"""
MOST_SECTIONS = 32


@dataclass(frozen=True, slots=True)
class Section:
    """One m= line and what is below it."""

    lines: Sequence[str]

    @property
    def kind(self) -> str:
        """audio, video, application."""
        return self.lines[0].removeprefix("m=").partition(" ")[0]

    @property
    def mid(self) -> str:
        """Its name; "" where it has none."""
        return next((line[6:].strip() for line in self.lines if line.startswith("a=mid:")), "")

    def has(self, attribute: str) -> bool:
        """Whether a line begins with it."""
        return any(line.startswith(f"a={attribute}") for line in self.lines)

    def takes_opus(self) -> bool:
        """Whether it is sound in Opus."""
        return self.kind == "audio" and any(
            re.match(r"a=rtpmap:\d+ opus/48000/2", line, re.IGNORECASE) for line in self.lines
        )

    def unused(self, transport: Sequence[str]) -> list[str]:
        """What an answer says to it: inactive, over the transport of another section, or rejected without."""
        media, _, rest = self.lines[0].partition(" ")
        lines = [
            f"{media} {9 if transport else 0} {rest.partition(' ')[2]}",
            "c=IN IP4 0.0.0.0",
            "a=inactive",
        ]
        if self.mid:
            lines.append(f"a=mid:{self.mid}")
        if transport:
            codecs = [line for line in self.lines if line.startswith(("a=rtpmap:", "a=fmtp:"))]
            lines += ["a=rtcp-mux", *codecs, *transport]
        return lines


class SoundOffer:
    """An offer of which only the first section with Opus is taken."""

    def __init__(self, sdp: str) -> None:
        """Take it apart.

        Raises:
            ValueError: there is no sound in Opus in it, or it is no SDP of this world.
        """
        self._session, self._sections = _split(sdp)
        if len(self._sections) > MOST_SECTIONS:
            raise ValueError(f"it has more than {MOST_SECTIONS} sections")
        place = next((n for n, each in enumerate(self._sections) if each.takes_opus()), None)
        if place is None:
            raise ValueError("it has no sound in Opus")
        self._place = place

    @property
    def mid(self) -> str:
        """Of the section that is taken."""
        return self._sections[self._place].mid

    @property
    def sdp(self) -> str:
        """The offer of that section alone."""
        taken = self._sections[self._place]
        session = [line for line in self._session if not line.startswith("a=group:")]
        media, port, rest = taken.lines[0].split(" ", 2)
        lines = [f"{media} {port if port != '0' else '9'} {rest}"]
        lines += [line for line in taken.lines[1:] if not line.startswith("a=bundle-only")]
        group = [f"a=group:BUNDLE {taken.mid}"] if taken.mid else []
        return _joined([*session, *group, *lines, *self._borrowed(taken)])

    def complete(self, answer: str) -> str:
        """The answer to all sections, given that to the sound."""
        session, (sound, *_) = _split(answer)
        transport = [line for line in sound.lines if line[2:].startswith(TRANSPORT)]
        used = self._bundled()
        lines = [line for line in session if not line.startswith("a=group:BUNDLE")]
        lines += [f"a=group:BUNDLE {' '.join(used)}"] if used else []
        for place, section in enumerate(self._sections):
            taken = place == self._place
            lines += sound.lines if taken else section.unused(transport if section.mid in used else ())
        return _joined(lines)

    def _bundled(self) -> list[str]:
        """The names of sound and pictures that share the sound's transport, the sound's among them."""
        media = [each.mid for each in self._sections if each.kind in ("audio", "video")]
        for line in self._session:
            name, *mids = line.removeprefix("a=group:").split()[:MOST_SECTIONS] or [""]
            if line.startswith("a=group:") and name == "BUNDLE" and self.mid in mids:
                return [mid for mid in mids if mid in media]
        return [self.mid] if self.mid else []

    def _borrowed(self, taken: Section) -> list[str]:
        """What the taken section leaves to another one that it is bundled with."""
        borrowed = []
        for attribute in TRANSPORT:
            at_top = any(line.startswith(f"a={attribute}") for line in self._session)
            if taken.has(attribute) or at_top:
                continue
            lender = next((each for each in self._sections if each.has(attribute)), None)
            if lender is not None:
                borrowed += [line for line in lender.lines if line.startswith(f"a={attribute}")]
        return borrowed


def _split(sdp: str) -> tuple[list[str], list[Section]]:
    session: list[str] = []
    sections: list[list[str]] = []
    for line in sdp.splitlines():
        if line.startswith("m="):
            sections.append([])
        (sections[-1] if sections else session).append(line.rstrip())
    return session, [Section(lines) for lines in sections]


def _joined(lines: Sequence[str]) -> str:
    return "\r\n".join(line for line in lines if line) + "\r\n"


__all__ = ["SoundOffer"]
