"""Marks of synthetic pictures: a label that people see, a watermark that they do not."""
