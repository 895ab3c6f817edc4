"""How a watermark's payload becomes code bits that survive errors, and is read back from doubtful ones.

A CRC tells a payload from noise; a convolutional code of rate 1/2 (constraint length 7, generators 171 and
133, as in CCSDS 131.0-B) mends wrong bits, read by the Viterbi algorithm on soft values.
"""

from __future__ import annotations

import hashlib
import re

import numpy as np
import numpy.typing as npt

from livetalk.errors import SettingsError

PAYLOAD_BITS = 32
CRC_BITS = 16
_MEMORY = 6
"""bits that the encoder remembers; as many zeros end the word"""
_GENERATORS = (0o171, 0o133)
_STATES = 1 << _MEMORY
INFO_BITS = PAYLOAD_BITS + CRC_BITS
CODE_BITS = 2 * (INFO_BITS + _MEMORY)
_CRC_POLYNOMIAL = 0x1021
_CRC_START = 0xFFFF

Bits = npt.NDArray[np.uint8]
Soft = npt.NDArray[np.float64]


def parse_payload(text: str) -> int:
    """The 32 bits that a setting names: `0x` and up to eight hex digits, or any other text by its SHA-256.

    Raises:
        SettingsError: it begins with 0x and is no such number.
    """
    if text.lower().startswith("0x"):
        if not re.fullmatch(r"0[xX][0-9a-fA-F]{1,8}", text):
            raise SettingsError(f"a watermark is a text, or 0x and up to eight hex digits, not {text!r}")
        return int(text, 16)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[: PAYLOAD_BITS // 8])


def encode(payload: int) -> Bits:
    """(CODE_BITS,) of 0 and 1."""
    word = payload << CRC_BITS | _crc(payload)
    state = 0
    code = []
    for place in reversed(range(-_MEMORY, INFO_BITS)):
        register = (word >> place & 1 if place >= 0 else 0) << _MEMORY | state
        code += [(register & generator).bit_count() & 1 for generator in _GENERATORS]
        state = register >> 1
    return np.array(code, np.uint8)


def decode(soft: Soft) -> int | None:
    """The payload of (CODE_BITS,) soft values, positive where a bit seems 0; None where the CRC fails."""
    metric = np.full(_STATES, -np.inf)
    metric[0] = 0.0
    choices = []
    for step in range(INFO_BITS + _MEMORY):
        branch = _OUTPUTS @ soft[2 * step : 2 * step + 2]
        reached = metric[_PREVIOUS] + branch
        choice = np.argmax(reached, axis=1)
        metric = np.take_along_axis(reached, choice[:, None], axis=1)[:, 0]
        choices.append(choice)
    state, word = 0, 0
    for step in reversed(range(INFO_BITS + _MEMORY)):
        if step < INFO_BITS:
            word |= (state >> _MEMORY - 1) << INFO_BITS - 1 - step
        state = int(_PREVIOUS[state, choices[step][state]])
    payload = word >> CRC_BITS
    return payload if _crc(payload) == word & (1 << CRC_BITS) - 1 else None


def _crc(payload: int) -> int:
    crc = _CRC_START
    for place in reversed(range(PAYLOAD_BITS)):
        top = crc >> CRC_BITS - 1 ^ payload >> place & 1
        crc = crc << 1 & (1 << CRC_BITS) - 1
        if top:
            crc ^= _CRC_POLYNOMIAL
    return crc


def _trellis() -> tuple[npt.NDArray[np.intp], Soft]:
    """The two states before each state, and what the encoder puts out between: (64, 2), (64, 2, 2) of +-1."""
    previous = np.empty((_STATES, 2), np.intp)
    outputs = np.empty((_STATES, 2, len(_GENERATORS)))
    for state in range(_STATES):
        for oldest in (0, 1):
            register = state << 1 | oldest
            previous[state, oldest] = register & _STATES - 1
            outputs[state, oldest] = [1 - 2 * ((register & each).bit_count() & 1) for each in _GENERATORS]
    return previous, outputs


_PREVIOUS, _OUTPUTS = _trellis()

__all__ = ["CODE_BITS", "CRC_BITS", "Bits", "Soft", "decode", "encode", "parse_payload"]
