"""WebRTC: a session's timeline, encoded once, sent to every browser that watches."""
