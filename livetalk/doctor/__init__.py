"""Looks a machine over: what livetalk needs with these settings, what is there, what to do about the rest."""
