"""From phones and their times to mouth parameters: what a picture of the speaker would show.

Each phone aims at a mouth shape, and cares more for some of it than for the rest: "h" takes the
mouth as it finds it, "s" insists on its teeth. Between phones the aims are blended by how much each
one cares (after Cohen and Massaro, "Modeling coarticulation in synthetic visual speech", 1993), here with
a Gaussian over time. Lips that close or tuck are not blended: they have to get there.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from livetalk.engines.viseme.shape import CLOSED, JAW, PARAMETERS, ROUND, TEETH, TONGUE, TUCK, WIDE
from livetalk.types import SAMPLE_RATE, Float32Array, Int16Array
from scripts.lips.espeak import Phone

GRID = 80
"""samples at 16 kHz between labels, 5 ms"""
COARTICULATION_S = (0.028, 0.04, 0.04, 0, 0, 0.028, 0.028)
"""how far the aims of neighbours blend, in the order of PARAMETERS: corners of the lips move slowest"""
CLOSING_S = 0.02
"""lips have to be shut for this long of a picture to be seen fully shut in it"""

_AIMS = """
# phones       jaw  wide round closed tuck tongue teeth | care: jaw lips mouth's inside
a ɑ ɐ          .90  .15  .05   0  0   .05  .12 | 1   .6  1
æ              .80  .40  0     0  0   .05  .20 | 1   .7  1
ɒ              .70  0    .40   0  0   .05  .05 | 1   .8  1
ɛ              .58  .50  0     0  0   .10  .22 | 1   .8  1
ʌ ɜ ɝ ɞ        .55  .15  .08   0  0   .08  .15 | 1   .6  1
ɔ              .55  0    .60   0  0   .05  .05 | 1   1   1
e              .42  .62  0     0  0   .12  .28 | 1   .9  1
ə ɚ ɘ ɤ ᵻ      .38  .20  .08   0  0   .10  .18 | .7  .4  .8
o ɵ            .40  0    .70   0  0   .05  .05 | 1   1   1
ɪ              .26  .60  0     0  0   .15  .35 | 1   .8  1
ɨ ɯ            .20  .45  .05   0  0   .12  .30 | 1   .8  1
ʊ ʏ            .25  0    .70   0  0   .05  .05 | 1   1   1
i              .16  .88  0     0  0   .15  .42 | 1   1   1
u ʉ            .14  0    .95   0  0   .05  .05 | 1   1.2 1
y ø œ          .25  .22  .55   0  0   .10  .15 | 1   1   1
w ʍ            .10  0    .95   0  0   .05  .05 | 1   1.2 1
ɥ              .12  .10  .80   0  0   .05  .10 | 1   1   1
j              .16  .75  0     0  0   .15  .35 | .8  .7  1
p b m ɓ        .03  .10  .05   1  0   0    0   | 2   .2  2
ɸ β            .08  .05  .25   .5 0   0    0   | 1.2 .6  1
f v ʋ ɱ        .10  .20  .05   0  1   0    .20 | 1.5 .5  1.5
θ ð            .20  .25  0     0  0   1    .25 | 1   .4  1.5
t d ɗ          .16  .28  .03   0  0   .55  .40 | .9  .25 1
n              .20  .28  .03   0  0   .60  .30 | .8  .25 1
l ɬ ɫ ʎ        .28  .28  .03   0  0   .75  .25 | .8  .25 1
ɾ r            .24  .22  .05   0  0   .50  .25 | .7  .25 1
ʈ ɖ ɳ ɭ ɽ      .22  .20  .10   0  0   .45  .28 | .8  .3  1
ɹ ɻ            .22  .05  .50   0  0   .20  .15 | .8  .6  1
s z            .08  .50  0     0  0   .25  1   | 1.4 .6  1.8
ɕ ʑ            .10  .45  .15   0  0   .20  .90 | 1.3 .6  1.6
ʃ ʒ ʂ ʐ        .11  .05  .50   0  0   .15  .85 | 1.3 .8  1.6
c ɟ ɲ ʝ        .20  .45  .02   0  0   .20  .30 | .7  .3  .8
k ɡ g ŋ q ɢ ɴ  .26  .20  .05   0  0   .05  .15 | .5  .1  .7
x χ ɣ ʁ ħ ʕ    .32  .15  .05   0  0   .05  .15 | .5  .1  .7
h ɦ ʔ          .35  .20  .05   0  0   .05  .12 | .1  .05 .1
"""

STOPS = frozenset("pbtdkɡgqɢcɟʈɖɓɗʔ")
VOICELESS_STOPS = frozenset("ptkqcʈʔ")
BILABIALS = frozenset("pbmɓ")
VOWELS = frozenset("aɑɐæɒɛʌɜɝɞɔœeəɚɘɤᵻoøɵɪɨɯʊʏiuyʉ")

_INSIDE = (TONGUE, TEETH)
_LIPS = (WIDE, ROUND)


@dataclass(frozen=True, slots=True)
class Aim:
    """A mouth shape, and how much each parameter of it matters."""

    shape: Float32Array
    """(7,)"""
    care: Float32Array
    """(7,)"""


@dataclass(frozen=True, slots=True)
class Segment:
    """One sound of one aim."""

    symbol: str
    """"" for a pause, "?" for a phone without a name"""
    start: float
    """s"""
    end: float


def _read_aims() -> dict[str, Aim]:
    aims: dict[str, Aim] = {}
    for line in _AIMS.strip().splitlines()[1:]:
        named, cares = line.split("|")
        words = named.split()
        shape = np.array([float(word) for word in words[-len(PARAMETERS) :]], np.float32)
        jaw, lips, inside = (float(word) for word in cares.split())
        care = np.ones(len(PARAMETERS), np.float32)
        care[JAW], care[list(_LIPS)], care[list(_INSIDE)] = jaw, lips, inside
        aims |= {symbol: Aim(shape, care) for symbol in words[: -len(PARAMETERS)]}
    return aims


AIMS = _read_aims()
PAUSE = Aim(np.zeros(len(PARAMETERS), np.float32), np.full(len(PARAMETERS), 1.2, np.float32))
UNKNOWN = Aim(AIMS["ə"].shape, AIMS["h"].care)


def symbols(ipa: str) -> list[str]:
    """The sounds of one espeak phone: stress, length and other marks dropped; "" when it is a pause."""
    if not ipa.strip("_ "):
        return [""]
    bare = unicodedata.normalize("NFD", ipa).replace("s.", "ʂ").replace("z.", "ʐ")
    found = [character for character in bare if character in AIMS]
    if len(found) > 1 and found[0] in STOPS:
        found = [symbol for symbol in found if symbol not in "hɦ"]
    return found or ["?"]


def segments(phones: tuple[Phone, ...], pcm: Int16Array, rate: int) -> list[Segment]:
    """The sounds in order, with the silent closure before a stop given to the stop.

    espeak's voiceless stops begin at the burst; the silence of their closure ends the phone before.
    """
    named = [phone for phone in phones if not phone.ipa.startswith("(")]
    loud = np.abs(pcm.astype(np.int32)) > 60
    result: list[Segment] = []
    for index, phone in enumerate(named):
        end = named[index + 1].start if index + 1 < len(named) else len(pcm)
        parts = symbols(phone.ipa)
        if parts == [""] and end > phone.start and loud[phone.start : end].mean() > 0.2:
            parts = ["?"]
        start = phone.start / rate
        if parts[0] in STOPS:
            start = _closure_start(start, loud[: phone.start], rate)
            _shorten(result, start)
        result += _split(parts, start, phone.start / rate, end / rate)
    return result


def _closure_start(burst: float, loud_before: np.ndarray[tuple[int], np.dtype[np.bool_]], rate: int) -> float:
    recent = loud_before[-int(0.09 * rate) :]
    silent = len(recent) - 1 - int(np.flatnonzero(recent)[-1]) if recent.any() else int(0.07 * rate)
    return max(burst - silent / rate, 0.0)


def _shorten(result: list[Segment], end: float) -> None:
    while result and result[-1].start >= end:
        result.pop()
    if result and result[-1].end > end:
        result[-1] = Segment(result[-1].symbol, result[-1].start, end)


def _split(parts: list[str], start: float, sound: float, end: float) -> list[Segment]:
    """Share a phone's time: a stop is closed until it bursts, a voiced one until it has sounded a while."""
    if parts[0] in STOPS or parts[0] in BILABIALS:
        length = end - sound
        if parts[0] in VOICELESS_STOPS:
            released = sound + min(0.012, 0.4 * length)
        else:
            released = end - min(0.025, 0.35 * length)
        rest = parts[1:] or ["h"]
        return [Segment(parts[0], start, released), *_share(rest, released, end)]
    return _share(parts, start, end)


def _share(parts: list[str], start: float, end: float) -> list[Segment]:
    times = np.linspace(start, end, len(parts) + 1)
    return [Segment(part, times[i], times[i + 1]) for i, part in enumerate(parts)]


def track(sounds: list[Segment], seconds: float) -> Float32Array:
    """Mouth parameters every 5 ms: (n, 7); value k is about the 5 ms from k * GRID on."""
    count = round(seconds * SAMPLE_RATE / GRID)
    shape = np.zeros((count, len(PARAMETERS)), np.float32)
    care = np.tile(PAUSE.care, (count, 1))
    for sound in sounds:
        aim = PAUSE if sound.symbol == "" else AIMS.get(sound.symbol, UNKNOWN)
        span = slice(*(round(time * SAMPLE_RATE / GRID) for time in (sound.start, sound.end)))
        shape[span], care[span] = aim.shape, aim.care
    blended = np.empty_like(shape)
    for parameter, blend_s in enumerate(COARTICULATION_S):
        if parameter in (CLOSED, TUCK):
            box = round(CLOSING_S * SAMPLE_RATE / GRID)
            blended[:, parameter] = uniform_filter1d(shape[:, parameter], box)
        else:
            blended[:, parameter] = _blend(shape[:, parameter], care[:, parameter], blend_s)
    result: Float32Array = np.clip(blended, 0, 1).astype(np.float32)
    return result


def _blend(shape: Float32Array, care: Float32Array, blend_s: float) -> Float32Array:
    sigma = blend_s * SAMPLE_RATE / GRID
    blended: Float32Array = gaussian_filter1d(shape * care, sigma) / gaussian_filter1d(care, sigma)
    return blended


def closures(sounds: list[Segment]) -> list[tuple[float, float]]:
    """When the lips are pressed together, in seconds: m, b, p; neighbours are joined."""
    spans: list[tuple[float, float]] = []
    for sound in sounds:
        if sound.symbol not in BILABIALS:
            continue
        if spans and sound.start - spans[-1][1] < 0.01:
            spans[-1] = (spans[-1][0], sound.end)
        else:
            spans.append((sound.start, sound.end))
    return spans
