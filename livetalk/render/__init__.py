"""Clips from recordings: as many pictures as the sound has, as fast as the machine makes them."""
