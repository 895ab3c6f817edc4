"""Avatars: the bundle on disk, and its pictures in memory."""
