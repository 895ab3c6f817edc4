"""Keeping a face from trembling."""
