"""A session as outputs see it: each tick committed and encoded once, handed to all who read it."""
