"""Making avatars: from a clip, a photo or a folder of pictures to a bundle."""
