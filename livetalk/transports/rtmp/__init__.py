"""RTMP: a session pushed to a stream server.

The protocol is spoken here and not by FFmpeg: PyAV 18 connects and waits with the interpreter held, and a
server that hangs would stop the whole process.
"""
