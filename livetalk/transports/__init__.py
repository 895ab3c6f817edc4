"""Ways out of a session: WebRTC, stream servers, files."""
