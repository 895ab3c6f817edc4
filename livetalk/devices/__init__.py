"""The devices of this computer that an output can play to: virtual cameras, sound devices."""
