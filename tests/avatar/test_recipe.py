from __future__ import annotations

from livetalk.avatar.recipe import MuseTalkChoices, Recipe

BEFORE = Recipe(size=256, musetalk=MuseTalkChoices(extra_margin=23))


def test_what_is_added_is_made_as_what_is_there() -> None:
    assert Recipe(seconds=3).alike(BEFORE).musetalk.extra_margin == 23
    assert Recipe(seconds=3).alike(BEFORE).seconds == 3
    assert Recipe(seconds=3).alike(None).musetalk == MuseTalkChoices()


def test_what_is_chosen_goes_before_it() -> None:
    chosen = Recipe(musetalk=MuseTalkChoices(parsing_mode="neck"))
    assert chosen.alike(BEFORE).musetalk == chosen.musetalk
    kept = chosen.kept(BEFORE)
    assert kept is not None
    assert (kept.musetalk, kept.size) == (chosen.musetalk, 256)
    assert chosen.kept(None) is None
