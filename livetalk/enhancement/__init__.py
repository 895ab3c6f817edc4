"""Faces of an avatar restored: aligned, shown to a network, and what it changes laid back."""
