"""The commands of `livetalk`, a module each: `run(arguments)` does its work and gives the exit status."""
