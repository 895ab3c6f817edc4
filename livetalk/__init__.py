"""A real-time talking avatar: text or sound in, a face that speaks out."""

__version__ = "0.1.0"
