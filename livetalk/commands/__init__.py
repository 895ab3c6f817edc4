"""The commands of `livetalk`, a module each: `run(arguments)` does its work and gives the exit status."""

STOPPED = 130
"""exit status of a command that Ctrl+C broke off, as shells have it"""
