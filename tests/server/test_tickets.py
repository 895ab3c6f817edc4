"""Tickets for downloads."""

from __future__ import annotations

from livetalk.server.tickets import LIFETIME_S, Tickets
from tests.fakes import Clock


def test_a_ticket_is_good_for_one_thing_and_for_some_minutes() -> None:
    clock = Clock()
    tickets = Tickets(clock)
    ticket = tickets.issue("film")
    assert tickets.admits(ticket, "film")
    assert tickets.admits(ticket, "film")
    assert not tickets.admits(ticket, "another")
    assert not tickets.admits("", "")
    assert not tickets.admits("x", "film")
    clock.pass_by(LIFETIME_S)
    assert not tickets.admits(ticket, "film")
    assert tickets.issue("film") != ticket
    assert len(tickets._good) == 1, "those that are over are forgotten"


def test_a_film_has_one_ticket_however_often_it_is_asked_for() -> None:
    clock = Clock()
    tickets = Tickets(clock)
    first = tickets.issue("film")
    clock.pass_by(LIFETIME_S - 1)
    assert tickets.issue("film") == first
    assert tickets.issue("another") != first
    clock.pass_by(LIFETIME_S - 1)
    assert tickets.admits(first, "film")
    clock.pass_by(1)
    assert not tickets.admits(first, "film")
    assert tickets.issue("film") != first
