"""Voices; each a plugin of its own."""
