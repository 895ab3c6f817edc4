"""The mouth parameters: what the network says and the painters draw.

A mouth shape is float32 (7,), each value in [0, 1], 0 at rest; the order is that of `PARAMETERS`.
"""

from __future__ import annotations

import numpy as np

from livetalk.types import Float32Array, frozen

PARAMETERS = ("jaw", "wide", "round", "closed", "tuck", "tongue", "teeth")

JAW, WIDE, ROUND, CLOSED, TUCK, TONGUE, TEETH = range(len(PARAMETERS))
"""jaw: how far it hangs, 1 on a wide "ah"
wide: corners drawn apart, 1 on "ee"
round: lips rounded and put forward, 1 on "oo"
closed: lips pressed together, 1 on m, b, p; overrules jaw
tuck: lower lip under the upper teeth, 1 on f, v
tongue: tip at or between the teeth, 1 on th, less on l, n, d, t
teeth: rows nearly together and seen, 1 on s, z, less on sh, ch
"""

REST: Float32Array = frozen(np.zeros(len(PARAMETERS), np.float32))
"""the mouth in silence: shut, relaxed"""
