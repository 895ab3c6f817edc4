"""Speech-to-speech models: plugins that hear, and answer with a voice of their own."""
