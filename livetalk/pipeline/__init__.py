"""The way from a sentence to a picture with its sound."""
