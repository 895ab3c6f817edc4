"""Things to say: words that were never heard, from the syllables of many languages.

A network for any voice should not learn a vocabulary, so most of the speech is made of syllables drawn
at random and spelled the way the language spells; espeak reads them by that language's rules.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Tongue:
    """How to spell syllables for one of espeak's languages."""

    language: str
    onsets: tuple[str, ...]
    vowels: tuple[str, ...]
    codas: tuple[str, ...]
    word_syllables: int = 3
    """at most"""
    tones: str = ""


def _tongue(language: str, onsets: str, vowels: str, codas: str = "", **more: object) -> Tongue:
    syllables, tones = more.get("word_syllables", 3), more.get("tones", "")
    return Tongue(
        language,
        tuple(onsets.split()),
        tuple(vowels.split()),
        ("", *codas.split()),
        int(str(syllables)),
        str(tones),
    )


_ENGLISH = (
    "p b m f v w t d n l r s z k g h j y th sh ch pl pr bl br fl fr tr dr st sp sm sw sl kl kr gr str spr qu",
    "a e i o u ee oo ay oa ai ow oi ar er or ur ea igh ew",
    "m n p b t d k s f v l r sh ch ng nd st mp th z rm lp ft nt ks ve ke me pe",
)

TONGUES = (
    _tongue("en-us", *_ENGLISH),
    _tongue("en", *_ENGLISH),
    _tongue("en-gb-scotland", *_ENGLISH),
    _tongue(
        "cmn",
        "b p m f d t n l g k h j q x zh ch sh r z c s w y",
        "a o e i u ai ei ao ou an en ang eng ong ia ie iao iu ian in iang ing ua uo ui uan un uang",
        word_syllables=2,
        tones="1234",
    ),
    _tongue(
        "de",
        "p b m f w v t d n l r s z k g h j sch st sp pf bl br fl fr tr kr schm schw",
        "a e i o u ä ö ü au ei eu ie aa oh",
        "m n p t k f l r s ch ng rt st mpf lf",
    ),
    _tongue(
        "fr",
        "p b m f v t d n l r s z c g j ch gn pl pr bl br fl fr tr",
        "a é è i o u ou oi eau au eu an on in un e",
        "r l s me pe be ve ne te",
    ),
    _tongue(
        "es",
        "p b m f v t d n l r s z c g j ch ll ñ pl pr bl br fl tr",
        "a e i o u ia ie ue ua ai",
        "n s r l m",
        word_syllables=4,
    ),
    _tongue(
        "it",
        "p b m f v t d n l r s z c g gh gl gn sc pr br fr tr sp st sb",
        "a e i o u ia io uo ai",
        "n r l m pp tt mm bb",
    ),
    _tongue(
        "pt",
        "p b m f v t d n l r s z c g j ch lh nh pr br fr tr",
        "a e i o u ã ão é ó ei ou ai",
        "s r l m n",
    ),
    _tongue(
        "ru",
        "п б м ф в т д н л р с з к г х ж ш ч щ ц пр бр вл ст сп см тр",
        "а е и о у я ё ю э ы ай ой",
        "м н п т к ф л р с в ш ст",
    ),
    _tongue(
        "pl",
        "p b m f w t d n l r s z k g h j ł sz cz rz dz ć ś pr br st",
        "a e i o u y ą ę ó",
        "m n p t k f l r s w sz",
    ),
    _tongue(
        "nl",
        "p b m f v w t d n l r s z k g h j sch st sp bl br vr",
        "a e i o u aa ee oo uu ie oe ui ij eu ou",
        "m n p t k f l r s cht st",
    ),
    _tongue(
        "sv", "p b m f v t d n l r s k g h j sj tj st sp br fr", "a e i o u y å ä ö", "m n p t k f l r s ng"
    ),
    _tongue(
        "fi",
        "p m v t d n l r s k h j",
        "a e i o u y ä ö aa ii uu uo ai äi ie",
        "n s t l r mm pp",
        word_syllables=4,
    ),
    _tongue("tr", "p b m f v t d n l r s z k g h y ç ş c", "a e ı i o u ö ü", "m n p t k f l r s z ş"),
    _tongue(
        "hu",
        "p b m f v t d n l r s sz z k g h j cs gy ny",
        "a á e é i í o ó ö ő u ú ü ű",
        "m n p t k f l r s sz",
    ),
    _tongue("el", "π β μ φ τ δ ν λ ρ σ ζ κ γ χ θ μπ ντ στ πρ", "α ε ι ο ου ω η αι", "ν ς ρ"),
    _tongue("hi", "प ब म फ भ व त द न ल र स ज़ क ग ह श च ज ट ड य", "ा े ि ी ो ु ू ै ौ", "म न प त क ल र स"),
    _tongue(
        "ja",
        "かき さし たち なに はひ まみ ぱぴ ばび らり がぎ",
        "ま も み め ぶ べ ば ぱ ぽ ふ わ や ゆ よ あ い う え お さ す そ し と つ の に な ら る れ く こ",
        "ん っぱ",
    ),
    _tongue(
        "ko",
        "마 바 파 비 미 푸 무 보 모 사 시 수 나 니 라 리 가 구 하 호 다 도 자 주",
        "마 무 비 포 아 오 우 이 에 사 나 다 로",
        "는 임 밥 을",
    ),
    _tongue(
        "vi",
        "p b m ph v t d đ n l r s x k g h th ch tr ng nh",
        "a e i o u ô ê ơ ư ai ao ia oi",
        "m n p t c ng nh",
        word_syllables=1,
    ),
    _tongue("id", "p b m f w t d n l r s k g h j ny c", "a e i o u ai au", "m n p t k l r s ng"),
    _tongue("ar", "ب م ف و ت د ن ل ر س ز ك ق ح ه ش ج خ ث", "ا ي و َا ِي", "م ن ب ت ك ل ر س"),
    _tongue("ta", "ப ம வ த ந ல ர ச க ய ட", "ா ே ி ீ ோ ு ூ ை", "ம் ன் ல் ர் ப்"),
)

_ENGLISH_TEXT = """
apple plum bread butter pepper mushroom lemon jam soup pumpkin breakfast supper kitchen oven cup bowl
mumble murmur hum stumble tumble rumble climb bump pump jump clamp stamp blame blossom bamboo tomb
baby mama papa grandpa uncle cousin neighbour shepherd farmer baker plumber fiddler woman boy
river valley cliff forest leaf fern moss brook meadow harbour island beach wave fog breeze thunder
violin flute trumpet drum bell whistle chorus melody rhythm voice whisper shout laughter silence
bicycle van ferry aeroplane wheel bridge tunnel platform ticket journey village tower roof chimney
purple yellow silver brown violet orange scarlet crimson ivory copper velvet leather wool feather
quick gentle clever brave polite hungry sleepy curious foolish proud shy loyal wicked merry
zebra giraffe beaver rabbit sparrow owl falcon weasel otter badger moth beetle oyster whale vixen
yesterday tomorrow midnight noon evening autumn february eleven fourteen ninety fifth thousandth
paint polish measure borrow choose chew juggle vanish arrive shiver weave bathe breathe soothe smooth
thumb thigh tooth mouth path cloth wealth feather breath month youth truth earth ether weather
we you they him whom me us if of by from above below beneath over beyond perhaps maybe though
moody ruby goose spoon blue fruit new few cube huge judge orange cheese fish shoe bush sugar vision
"""
ENGLISH_WORDS = tuple(_ENGLISH_TEXT.split())

_FRAMES = (
    "{0} {1} the {2} and {3}.",
    "I think {0} {1} {2}, but {3} is {4}.",
    "Could you {0} the {1} before {2}?",
    "{0} {1}, {2} {3} {4} {5}.",
    "When {0} was {1}, we {2} a {3} of {4}.",
    "Maybe my {0} {1} {2} on the {3}!",
)


def sentence(rng: np.random.Generator) -> tuple[str, str]:
    """A language of espeak's, and something to say in it."""
    tongue = TONGUES[rng.choice(len(TONGUES), p=_SHARES)]
    if tongue.language.startswith("en") and rng.random() < 0.6:
        return tongue.language, english(rng)
    phrases = [
        " ".join(_word(tongue, rng) for _ in range(rng.integers(2, 7))) for _ in range(rng.integers(1, 4))
    ]
    return tongue.language, ", ".join(phrases) + "."


def english(rng: np.random.Generator) -> str:
    """A sentence of English words, more sound than sense."""
    frame = _FRAMES[rng.integers(len(_FRAMES))]
    return frame.format(*rng.choice(ENGLISH_WORDS, 6))


def _word(tongue: Tongue, rng: np.random.Generator) -> str:
    syllables = []
    for _ in range(rng.integers(1, tongue.word_syllables + 1)):
        parts = [rng.choice(tongue.onsets), rng.choice(tongue.vowels)]
        if rng.random() < 0.45:
            parts.append(rng.choice(tongue.codas))
        if tongue.tones:
            parts.append(rng.choice(list(tongue.tones)))
        syllables.append("".join(parts))
    return "".join(syllables)


def _shares() -> list[float]:
    weights = [6.0 if tongue.language in ("en-us", "en", "cmn") else 1.0 for tongue in TONGUES]
    return [weight / sum(weights) for weight in weights]


_SHARES = _shares()
