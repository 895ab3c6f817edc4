"""MuseTalk: photo-real lips, v1.0 and v1.5."""
