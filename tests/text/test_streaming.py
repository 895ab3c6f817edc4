import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livetalk.text import SpokenText
from livetalk.text.markup import Markup
from tests.text.written import bare, marked, spoken, texts, tokens


def pieces_of(parts: list[str], limit: int = 240) -> list[str]:
    text = SpokenText(limit)
    return [piece for part in parts for piece in text.feed(part)] + text.flush()


def whole(text: str, limit: int) -> list[str]:
    """What cleaning first and cutting then makes of it."""
    markup = Markup(chat=True)
    said = unicodedata.normalize("NFC", markup.feed(text) + markup.flush())
    return [piece for line in said.split("\n") for piece in texts(line, limit)]


@settings(max_examples=400)
@given(st.data(), marked, st.sampled_from([8, 12, 30, 240]))
def test_an_answer_fed_in_tokens_is_spoken_like_the_whole(data: st.DataObject, text: str, limit: int) -> None:
    assert pieces_of(tokens(data, text), limit) == pieces_of([text], limit)


@given(marked, st.sampled_from([8, 12, 30, 240]))
def test_the_pieces_of_an_answer_say_what_the_whole_says(text: str, limit: int) -> None:
    pieces = pieces_of([text], limit)
    sentences = whole(text, limit)
    assert spoken("".join(pieces)) == spoken("".join(sentences))
    assert not pieces or sentences[0].startswith(pieces[0])
    assert all(spoken(piece) and piece == piece.strip() and len(piece) <= limit for piece in pieces)


@given(marked)
def test_with_room_enough_an_answer_keeps_its_signs(text: str) -> None:
    assert bare("".join(pieces_of([text], 10_000))) == bare("".join(whole(text, 10_000)))


RAW_AND_SAID = [
    ("**bold**", "bold"),
    ("_it_", "it"),
    ("`code`", "code"),
    ("[Hello. World](https://a.b/c?d=e. f)", "Hello. World"),
    ("[so!](<a b> 'T. U')", "so!"),
    ("https://www.a.org/b?c=d.e.", "a.org."),
    ("![pic](x.png)", "pic"),
    ("\n```py\nprint(1). No\n```\n", ""),
    ("\n|---|:-:|\n", ""),
    ("\n## Head ##\n", "Head"),
    ("\n- item\n", "item"),
    ("<br>", ""),
    ("<b>b</b>", "b"),
    ("&amp;", "&"),
    ("[1]", ""),
    ("🎉", ""),
    (r"\(x\)", "x"),
    ("$y$", "y"),
    ("Yes.", "Yes."),
    ("well,", "well,"),
    ("3.14", "3.14"),
    ("你好！", "你好！"),
]


@given(st.data(), st.lists(st.sampled_from(RAW_AND_SAID), max_size=12))
def test_no_mark_is_spoken_because_it_came_in_two_tokens(
    data: st.DataObject, parts: list[tuple[str, str]]
) -> None:
    pieces = pieces_of(tokens(data, " ".join(raw for raw, _ in parts)))
    letters = "".join(spoken(said) for _, said in parts)
    assert spoken("".join(pieces)) == letters
    assert not set("".join(pieces)) & set("*_`[]<>|\\$#🎉")


def test_the_first_clause_leaves_with_the_first_letter_of_the_next_word() -> None:
    text = SpokenText()
    assert text.feed("**Of** course,") == []
    assert text.feed(" I can,") == ["Of course,"]
    assert text.feed(" and gladly. ") == []
    assert text.feed("What") == ["I can, and gladly."]
    assert text.flush() == ["What"]


def test_a_line_leaves_with_its_end_and_flush_may_have_nothing_left() -> None:
    text = SpokenText()
    assert text.feed("Sure!\n") == ["Sure!"]
    assert text.feed("\n---\n- One, two, three") == []
    assert text.feed("\n") == ["One, two, three"]
    assert text.flush() == []


def test_a_quote_that_closes_behind_the_mark_stays_with_its_sentence() -> None:
    text = SpokenText()
    assert text.feed("他说：“好！") == []
    assert text.feed("”") == []
    assert text.feed("走") == ["他说：“好！”"]
    assert text.feed('吧。"') == []
    assert text.flush() == ['走吧。"']


def test_what_is_fed_after_the_end_is_another_text() -> None:
    text = SpokenText()
    assert text.feed("Look:\n```py\nx = 1\n") == ["Look:"]
    assert text.flush() == []
    assert text.feed("Of course, yes") == ["Of course,"]
    assert text.flush() == ["yes"]


def test_a_reply_of_code_alone_has_no_piece() -> None:
    assert pieces_of(["```py\nprint('Hello. World')\n```"]) == []


ENGLISH = """Sure! 😊 Here's a quick plan for your trip:

## Day 1

1. **Morning** — Visit the *British Museum* (it's free, but book ahead).
2. **Lunch**: Try Borough Market, e.g. the fish & chips.

- Bring an umbrella

---

Dr. Smith from the U.S. said: "You'll walk 10,000 steps." Is that OK? No. Let me know!"""
CHINESE = """好的，我来给你介绍两个景点：

1. **故宫**：明清两代的皇宫😊，建议提前预约。
2. **长城**：门票40元，约1.5小时车程……

更多信息请看[官方网站](https://www.dpm.org.cn/visit.html?x=1。)。祝你玩得开心！"""
JAPANESE = """もちろん、説明します。次に、「よく混ぜてください」と書いてあります。

* **卵**：2個
* **牛乳**：200ml（低脂肪でもOK）

3分ほど待つと、完成です！"""
GERMAN = (
    "Gern, ich erkläre es. Am 3. Oktober 1990 trat die DDR bei, d. h. Deutschland war vereint. "
    "Städte sind z. B. Berlin und München (ca. 1,5 Mio. Einwohner). Prof. Dr. Müller schreibt: „Das war, "
    "wie Nr. 5 zeigt, gut.“ "
    "Mehr unter https://www.bundestag.de/geschichte. Noch Fragen?"
)
CODE = """To read a file in Python, use `open()` inside a `with` block:

```python
with open("data.txt") as f:
    text = f.read()  # reads. everything!
```

This closes the file. Use `x_1` or `<div>` then."""
TABLE = """Here is a comparison, as you asked:

| Model | Speed (fps) | Price |
|:------|:-----:|------:|
| **A100** | 72 | $10,000 |
| RTX 4090 | 65 | $1,599 |

The second is cheaper."""
LINKS = (
    "You can find it on [Wikipedia](https://en.wikipedia.org/wiki/Avatar_(2009_film)), or at "
    "https://www.imdb.com/title/tt0499549/?ref_=nv_sr_1. See <https://example.org/a.b?c=d>, "
    'www.rt.com/m/avatar and the [docs](https://a.b/c?d=e. "Title. Here")[1][2].\n\n[1]: https://example.com/ref'
)
EMOJI = """🎉 Congratulations! 🎉 You did it 🥳🥳 and I'm proud of you ❤️!

✅ Task one done 👍🏽
🚀 Ready? Let's go! 👨‍👩‍👧‍👦"""
MATHS = r"""The formula is $x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$, where \(a \neq 0\).

$$
E = mc^2 \cdot \alpha_{1}
$$

So 5 * 3 = 15, and it costs $5. Angles add to $180^\circ$."""
ARABIC = """بالتأكيد، يمكنني مساعدتك! إليك **نصائح**:

1. اشرب الماء، خاصة في الصيف.

هل لديك أسئلة أخرى؟ أنا هنا."""


@pytest.mark.parametrize(
    ("answer", "pieces"),
    [
        (
            ENGLISH,
            [
                "Sure!",
                "Here's a quick plan for your trip:",
                "Day 1",
                "1. Morning — Visit the British Museum (it's free, but book ahead).",
                "2. Lunch: Try Borough Market, e.g. the fish & chips.",
                "Bring an umbrella",
                'Dr. Smith from the U.S. said: "You\'ll walk 10,000 steps."',
                "Is that OK?",
                "No.",
                "Let me know!",
            ],
        ),
        (
            CHINESE,
            [
                "好的，我来给你介绍两个景点：",
                "1. 故宫：明清两代的皇宫，建议提前预约。",
                "2. 长城：门票40元，约1.5小时车程……",
                "更多信息请看官方网站。",
                "祝你玩得开心！",
            ],
        ),
        (
            JAPANESE,
            [
                "もちろん、",
                "説明します。",
                "次に、「よく混ぜてください」と書いてあります。",
                "卵：2個",
                "牛乳：200ml（低脂肪でもOK）",
                "3分ほど待つと、完成です！",
            ],
        ),
        (
            GERMAN,
            [
                "Gern, ich erkläre es.",
                "Am 3. Oktober 1990 trat die DDR bei, d. h. Deutschland war vereint.",
                "Städte sind z. B. Berlin und München (ca. 1,5 Mio. Einwohner).",
                "Prof. Dr. Müller schreibt: „Das war, wie Nr. 5 zeigt, gut.“",
                "Mehr unter bundestag.de.",
                "Noch Fragen?",
            ],
        ),
        (
            CODE,
            [
                "To read a file in Python,",
                "use open() inside a with block:",
                "This closes the file.",
                "Use x 1 or div then.",
            ],
        ),
        (
            TABLE,
            [
                "Here is a comparison,",
                "as you asked:",
                "Model, Speed (fps), Price",
                "A100, 72, $10,000",
                "RTX 4090, 65, $1,599",
                "The second is cheaper.",
            ],
        ),
        (
            LINKS,
            [
                "You can find it on Wikipedia,",
                "or at imdb.com.",
                "See example.org, rt.com and the docs.",
            ],
        ),
        (
            EMOJI,
            ["Congratulations!", "You did it and I'm proud of you!", "Task one done", "Ready?", "Let's go!"],
        ),
        (
            MATHS,
            [
                "The formula is x = -b ± √b² - 4ac/2a,",
                "where a ≠ 0.",
                "E = mc² × alpha 1",
                "So 5 × 3 = 15, and it costs $5.",
                "Angles add to 180°.",
            ],
        ),
        (
            ARABIC,
            [
                "بالتأكيد،",
                "يمكنني مساعدتك!",
                "إليك نصائح:",
                "1. اشرب الماء، خاصة في الصيف.",
                "هل لديك أسئلة أخرى؟",
                "أنا هنا.",
            ],
        ),
    ],
)
def test_an_answer_sounds_as_if_it_were_told(answer: str, pieces: list[str]) -> None:
    assert pieces_of([answer[at : at + 3] for at in range(0, len(answer), 3)]) == pieces


def test_a_flood_without_blanks_is_spoken_in_pieces() -> None:
    assert [len(piece) for piece in pieces_of(["aaaa"] * 2_500)] == [240] * 41 + [160]
    assert [len(piece) for piece in pieces_of(["字"] * 1_000)] == [240] * 4 + [40]
    assert spoken("".join(pieces_of(["a(["] * 3_000))) == "a" * 3_000
