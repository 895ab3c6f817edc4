"""Measures a server from outside: a receiver in its own process that times packets as they arrive."""
