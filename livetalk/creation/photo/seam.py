"""The smoothest path along a strong edge: dynamic programming from column to column."""

from __future__ import annotations

import numpy as np

from livetalk.types import Float32Array


def seam(cost: Float32Array, stiffness: float) -> Float32Array:
    """(columns,): the row of each column on the cheapest path through `cost` (rows, columns).

    A step of a row from one column to the next costs `stiffness`.
    """
    rows, columns = cost.shape
    steps = np.abs(np.subtract.outer(np.arange(rows), np.arange(rows))) * stiffness
    total = cost[:, 0]
    came = np.zeros((columns, rows), np.intp)
    for column in range(1, columns):
        ways = total + steps
        came[column] = ways.argmin(axis=1)
        total = ways.min(axis=1) + cost[:, column]
    path = np.empty(columns, np.intp)
    path[-1] = int(total.argmin())
    for column in range(columns - 1, 0, -1):
        path[column - 1] = came[column, path[column]]
    return path.astype(np.float32)


__all__ = ["seam"]
