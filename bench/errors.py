"""What can go wrong in a measurement."""


class BenchError(Exception):
    """A figure cannot be taken; the message says why."""
