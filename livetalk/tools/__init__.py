"""Tools that a language model may use."""
