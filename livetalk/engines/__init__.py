"""Engines that move lips; each a plugin of its own."""
