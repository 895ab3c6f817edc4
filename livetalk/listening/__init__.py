"""Listening: a microphone becomes questions; who speaks has the floor, who only coughs has not."""
