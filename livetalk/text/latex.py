"""What the commands of LaTeX formulas say, as far as a voice can."""

from __future__ import annotations

_SIGNS = {
    "times": " × ",
    "cdot": " × ",
    "div": " ÷ ",
    "pm": " ± ",
    "leq": " ≤ ",
    "le": " ≤ ",
    "geq": " ≥ ",
    "ge": " ≥ ",
    "neq": " ≠ ",
    "ne": " ≠ ",
    "approx": " ≈ ",
    "infty": "∞",
    "sqrt": "√",
    "sum": "∑",
    "int": "∫",
    "circ": "°",
    "degree": "°",
    "ldots": "…",
    "dots": "…",
    "cdots": "…",
}
_LOOKS = (
    "frac dfrac tfrac text textbf textit mathrm mathbf mathit mathbb mathcal mathsf operatorname boxed left "
    "right big Big bigg Bigg quad qquad displaystyle limits hline vec hat bar overline underline tag label"
)
_SILENT = frozenset(_LOOKS.split())
"""commands that set how something looks, not what it says"""


def said(command: str) -> str:
    """What a command says: a sign, nothing, or its own name, as `alpha` and `log` do."""
    if command in _SILENT:
        return ""
    return _SIGNS.get(command, f" {command} ")


__all__ = ["said"]
