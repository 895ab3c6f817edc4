"""Ways out of a session: WebRTC."""
