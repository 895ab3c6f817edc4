"""What outputs on this computer share: a device's clock, the sound on its way, the picture at its time."""
