"""The built-in engine: sound to mouth parameters to mouth pictures, on any CPU."""
