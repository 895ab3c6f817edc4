"""A whole text, cleaned of what nobody says."""

from __future__ import annotations

import unicodedata

from livetalk.text.markup import Markup


def clean(text: str) -> str:
    """What is to be said of a text: no marks of layout, no pictographs, addresses as bare host names.

    White space becomes one blank, or one newline where there was one. Characters stay in logical order,
    whichever way the script runs. Takes any string, even broken Unicode. Whoever sends a text to be spoken
    means all of it, so code is read too; `SpokenText` leaves code blocks out.
    """
    markup = Markup()
    return unicodedata.normalize("NFC", markup.feed(text) + markup.flush()).strip()


__all__ = ["clean"]
