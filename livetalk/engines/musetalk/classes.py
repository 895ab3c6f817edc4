"""What a face parser tells apart, of its nineteen classes, and how large its picture is."""

from __future__ import annotations

LABELS_PX = 512
SKIN, NOSE, NECK = 1, 10, 14
LIPS = (11, 12, 13)
"""mouth, upper and lower lip"""
COUNT = 19

__all__ = ["COUNT", "LABELS_PX", "LIPS", "NECK", "NOSE", "SKIN"]
