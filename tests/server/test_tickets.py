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
