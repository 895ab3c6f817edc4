"""Calls to providers over the network: a loop that waits for them, and what is common to their protocols."""
