"""Sound: decoding, resampling, cutting into chunks."""
