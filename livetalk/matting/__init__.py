"""Matting: who is seen, apart from what is behind them; from a clip or photo alone."""
