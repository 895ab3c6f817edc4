"""The body loop: where everything is in each of its frames; all of it repeats after the last one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scripts.default_avatar.eyes import Look

FRAMES = 225
"""nine seconds"""
_TURN = 2 * np.pi / FRAMES
_BLINKS = (31, 112, 123, 187)
"""frames in which the lids begin to fall"""
_LID = (0.5, 1.0, 0.86, 0.52, 0.22, 0.06)
"""how far the lids are shut in the frames of a blink: down in 80 ms, up in 160"""
_GLANCES = (
    (0, 0.0, 0.0),
    (34, 1.5, -0.2),
    (71, 0.2, 0.3),
    (96, -0.9, 0.0),
    (125, 0.0, 0.1),
    (160, -1.7, 0.4),
    (189, 0.0, 0.0),
)
"""from that frame on the eyes look so many pixels right and down"""

Matrix = npt.NDArray[np.float64]
"""(2, 3), canonical picture pixel -> picture pixel"""


@dataclass(frozen=True, slots=True)
class Pose:
    """One frame of the loop."""

    head: Matrix
    front_hair: Matrix
    back_hair: Matrix
    neck: Matrix
    body: Matrix
    look: Look


def _turned(degrees: float, shift: tuple[float, float], pivot: tuple[float, float]) -> Matrix:
    """Turn about `pivot`, then shift."""
    angle = np.deg2rad(degrees)
    linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array(pivot)
    return np.column_stack((linear, middle - linear @ middle + np.array(shift)))


def pose(frame: float) -> Pose:
    """The pose of a frame; any number, the loop goes round."""
    x, y, roll, yaw = _sway(frame)
    late_x, late_y, late_roll, late_yaw = _sway(frame - 4)
    breath = np.sin(2 * _TURN * frame - 0.6)
    joint = (256.0, 392.0)
    # a little larger than drawn, so that no edge of the drawing comes into the picture
    width, rise = 1.009 + 0.004 * breath, 1.012 + 0.011 * breath
    body = np.array([[width, 0.0, 256 * (1 - width) + 0.12 * x], [0.0, rise, 505 * (1 - rise) + 0.06 * y]])
    return Pose(
        head=_turned(roll, (x + yaw, y - 0.8 * breath), joint),
        front_hair=_turned(
            0.75 * roll + 0.25 * late_roll,
            (0.7 * x + 0.3 * late_x + 0.35 * late_yaw, y - 0.8 * breath),
            joint,
        ),
        back_hair=_turned(
            0.45 * roll + 0.55 * late_roll,
            (0.4 * x + 0.6 * late_x - 0.5 * late_yaw, 0.5 * (y + late_y) - 0.8 * breath),
            joint,
        ),
        neck=_turned(0.45 * roll, (0.5 * x + 0.3 * yaw, 0.35 * y - 1.0 * breath), (256.0, 430.0)),
        body=body,
        look=_look(frame, yaw),
    )


def _sway(frame: float) -> tuple[float, float, float, float]:
    """x, y in pixels, roll in degrees, yaw as the pixels that the face wanders over the head."""
    turn = _TURN * frame
    x = 3.3 * np.sin(turn) + 1.1 * np.sin(2 * turn + 1.3)
    y = 0.8 * np.sin(2 * turn + 0.4) + 0.5 * np.sin(3 * turn)
    roll = 1.15 * np.sin(turn + 0.7) + 0.35 * np.sin(3 * turn + 0.2)
    yaw = 1.9 * np.sin(turn - 0.4) + 0.7 * np.sin(2 * turn + 2.0)
    return float(x), float(y), float(roll), float(yaw)


def _look(frame: float, yaw: float) -> Look:
    at = frame % FRAMES
    blink = 0.0
    for start in _BLINKS:
        since = int(at - start)
        if 0 <= at - start < len(_LID):
            blink = _LID[since]
    gaze_x, gaze_y = _GLANCES[-1][1:]
    for start, next_x, next_y in _GLANCES:
        share = float(np.clip((at - start + 1) / 2, 0, 1))
        gaze_x, gaze_y = gaze_x + (next_x - gaze_x) * share, gaze_y + (next_y - gaze_y) * share
    brow = 0.5 * np.sin(3 * _TURN * frame + 1.0) + 0.3 * np.sin(_TURN * frame)
    return Look(gaze_x - 0.45 * yaw, gaze_y + 0.5 * blink, blink, float(brow))


_STILL = np.eye(2, 3)
REST_POSE = Pose(_STILL, _STILL, _STILL, _STILL, _STILL, Look())
"""the canonical drawing"""
