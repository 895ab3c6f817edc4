"""Ours beside the reference's own outputs, kind by kind."""
