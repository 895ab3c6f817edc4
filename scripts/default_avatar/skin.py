"""The skin: a height field of the head, lit by one warm lamp, a cool sky and a light from behind."""

from __future__ import annotations

import numpy as np

from scripts.default_avatar.canvas import FINE, Float, Rgb, smooth

CENTER_X = 256.0
EYE_Y = 226.0
EYE_X = 45.0
"""from the middle of the face to the middle of an eye"""
MOUTH_Y = 309.0

_OUTLINE = smooth(
    [
        (256, 86), (308, 96), (341, 134), (351, 188), (350, 236), (341, 280), (319, 318), (287, 345),
        (256, 353), (225, 345), (193, 318), (171, 280), (162, 236), (161, 188), (171, 134), (204, 96),
    ],
    closed=True,
)  # fmt: skip
_CORE = np.array([256.0, 226.0])
"""the outline is seen from here"""

_TONES: list[tuple[float, Rgb]] = [
    (0.0, (128, 58, 52)),
    (0.22, (178, 92, 76)),
    (0.42, (216, 138, 112)),
    (0.62, (239, 178, 148)),
    (0.82, (250, 207, 179)),
    (1.0, (255, 228, 206)),
]
"""skin from shadow to light: the shadow's edge is red, as light that went through it"""

KEY = np.array([-0.46, -0.56, 0.69])
_RIM = np.array([0.93, -0.28, 0.25])


def bump(x: Float, y: Float, place: tuple[float, float], size: tuple[float, float]) -> Float:
    """A Gaussian hill of height 1."""
    away = ((x - place[0]) / size[0]) ** 2 + ((y - place[1]) / size[1]) ** 2
    return np.asarray(np.exp(-away), np.float32)


def pair(x: Float, y: Float, place: tuple[float, float], size: tuple[float, float]) -> Float:
    """The same hill left and right of the middle."""
    return bump(np.abs(x - CENTER_X), y, place, size)


def step(value: Float, low: float, high: float) -> Float:
    """0 below `low`, 1 above `high`, soft between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def rim_distance(x: Float, y: Float) -> Float:
    """0 in the middle of the face, 1 at its outline."""
    away = _OUTLINE - _CORE
    angles = np.arctan2(away[:, 1], away[:, 0])
    order = np.argsort(angles)
    angle = np.arctan2(y - _CORE[1], x - _CORE[0])
    radius = np.interp(angle, angles[order], np.hypot(*away.T)[order], period=2 * np.pi)
    return np.asarray(np.hypot(x - _CORE[0], y - _CORE[1]) / radius, np.float32)


def height(x: Float, y: Float) -> Float:
    """How far the face stands out at a point, in picture pixels."""
    u = np.clip(rim_distance(x, y), 0, 1)
    z = 74 * np.sqrt(np.maximum(1 - u**2.5, 1e-4))
    z += 2.5 * pair(x, y, (40, 194), (26, 9)) - 5.5 * pair(x, y, (EYE_X - 2, 222), (26, 15))
    z += 6.5 * pair(x, y, (EYE_X, EYE_Y), (21, 14))
    z += bridge(x, y)
    z += wings(x, y) - 2.0 * pair(x, y, (25, 283), (6, 9))
    z += 7 * pair(x, y, (55, 274), (32, 25)) + 5 * bump(x, y, (CENTER_X, 310), (40, 26))
    z += 5.5 * bump(x, y, (CENTER_X, 343), (22, 13)) - 2.6 * bump(x, y, (CENTER_X, 329), (20, 6))
    z -= 1.3 * bump(x, y, (CENTER_X, 293), (4, 6))
    return np.asarray(z, np.float32)


def bridge(x: Float, y: Float) -> Float:
    """How far the nose's ridge and its tip stand out."""
    across = np.abs(x - CENTER_X)
    ridge = np.exp(-((across / 10.5) ** 2)) * step(y, 190, 270) * (1 - step(y, 272, 289))
    return np.asarray(8 * ridge + 9.0 * bump(x, y, (CENTER_X, 273), (11.5, 9.5)), np.float32)


def wings(x: Float, y: Float) -> Float:
    """How far the nose's wings stand out."""
    return np.asarray(4.5 * pair(x, y, (14, 278), (7, 6)), np.float32)


def normals(z: Float) -> tuple[Float, Float, Float]:
    """The surface's direction at each sheet pixel."""
    down, right = np.gradient(z, 1 / FINE)
    length = np.sqrt(1 + right**2 + down**2)
    return (
        (-right / length).astype(np.float32),
        (-down / length).astype(np.float32),
        (1 / length).astype(np.float32),
    )


def tone(light: Float) -> Float:
    """Skin colours (..., 3) for an amount of light, 0 to 1."""
    places = [place for place, _ in _TONES]
    return np.stack(
        [np.interp(light, places, [color[band] for _, color in _TONES]) for band in range(3)], axis=-1
    ).astype(np.float32)


def lamp(normal: tuple[Float, Float, Float]) -> Float:
    """How much light of the lamp and the sky falls on a surface, 0 to 1."""
    nx, ny, nz = normal
    facing = nx * KEY[0] + ny * KEY[1] + nz * KEY[2]
    wrapped = np.clip((facing + 0.42) / 1.42, 0, 1) ** 1.15
    return np.asarray(0.16 + 0.80 * wrapped + 0.07 * nz, np.float32)


def shine(normal: tuple[Float, Float, Float], power: float) -> Float:
    """The lamp's mirror image on a surface, 0 to 1."""
    half = KEY + np.array([0, 0, 1])
    half /= np.linalg.norm(half)
    facing = np.clip(sum(n * h for n, h in zip(normal, half, strict=True)), 0, 1)
    return np.asarray(facing**power, np.float32)


def rim(normal: tuple[Float, Float, Float]) -> Float:
    """The light from behind on a surface that turns away, 0 to 1."""
    nx, ny, nz = normal
    facing = np.clip(nx * _RIM[0] + ny * _RIM[1] + nz * _RIM[2], 0, 1)
    return np.asarray(np.clip(facing - 0.45, 0, 1) * (1 - nz) ** 1.6 * 2.2, np.float32)


def mix(color: Float, other: Rgb, share: Float) -> Float:
    """Colours on their way to another one."""
    return np.asarray(color + (np.asarray(other, np.float32) - color) * share[..., None], np.float32)


def lit_skin(x: Float, y: Float, z: Float, shade: Float) -> Float:
    """The colours of the face at x, y with the surface z; `shade` takes light away, 0 to 1."""
    normal = normals(z)
    color = tone(np.clip(lamp(normal) - shade, 0, 1))
    color = mix(color, (240, 112, 100), 0.30 * pair(x, y, (60, 280), (30, 20)))
    color = mix(color, (236, 120, 104), 0.20 * bump(x, y, (CENTER_X, 274), (13, 10)))
    color = mix(color, (205, 120, 110), 0.16 * pair(x, y, (EYE_X, 224), (30, 17)))
    color = mix(color, (122, 44, 40), 0.62 * pair(x, y, (7.6, 283.4), (3.8, 2.1)))
    color = mix(color, (255, 244, 232), 0.20 * shine(normal, 34))
    return mix(color, (255, 214, 176), np.clip(rim(normal), 0, 0.75))


def static_shade(x: Float, y: Float) -> Float:
    """Shadows that do not depend on the mouth: of the nose, the brows, the hair."""
    shade = 0.17 * bump(x, y, (CENTER_X + 4, 288), (15, 6)) + 0.07 * bump(x, y, (CENTER_X + 15, 268), (9, 15))
    shade += 0.05 * pair(x, y, (22, 216), (10, 13))
    return np.asarray(shade, np.float32)
