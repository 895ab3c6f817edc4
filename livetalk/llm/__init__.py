"""Language models, and what answers where there is none."""
