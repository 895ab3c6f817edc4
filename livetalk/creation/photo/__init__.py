"""A single photo brought to life: a loop of pictures in which its person sways, breathes and blinks."""

from livetalk.creation.photo.living import Living, living

__all__ = ["Living", "living"]
