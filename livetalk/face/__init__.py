"""Finding a face: where it is, and the 468 points of its mesh."""
