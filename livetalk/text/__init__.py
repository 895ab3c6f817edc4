"""Text made fit to be spoken: cleaned of what nobody says, and cut into sentences."""

from livetalk.language import language
from livetalk.text.cleaning import clean
from livetalk.text.cutting import Piece, cut
from livetalk.text.streaming import SpokenText

__all__ = ["Piece", "SpokenText", "clean", "cut", "language"]
