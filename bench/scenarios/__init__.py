"""What is measured: each module is one scenario, a coroutine that returns a dataclass of figures."""
