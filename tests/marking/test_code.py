"""A payload as code bits, and back."""

from __future__ import annotations

import numpy as np
import pytest

from livetalk.errors import SettingsError
from livetalk.marking.code import CODE_BITS, decode, encode, parse_payload


def soft(payload: int) -> np.typing.NDArray[np.float64]:
    """The code bits as a perfect reading has them."""
    return (1 - 2.0 * encode(payload)).astype(np.float64)


@pytest.mark.parametrize("payload", [0, 1, 0xDEADBEEF, 0xFFFFFFFF])
def test_what_was_encoded_is_decoded(payload: int) -> None:
    assert len(encode(payload)) == CODE_BITS
    assert decode(soft(payload)) == payload


def test_a_tenth_of_the_bits_may_be_wrong() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        payload = int(rng.integers(0, 1 << 32))
        received = soft(payload)
        wrong = np.linspace(0, CODE_BITS - 1, CODE_BITS // 10).astype(int)
        received[wrong] *= -1
        assert decode(received) == payload


def test_noise_is_taken_for_a_payload_about_once_in_65536_times() -> None:
    rng = np.random.default_rng(2)
    taken = sum(decode(rng.normal(0, 1, CODE_BITS)) is not None for _ in range(1000))
    assert taken <= 2


def test_a_number_is_taken_as_it_is_and_a_text_by_its_hash() -> None:
    assert parse_payload("0x2a") == 42
    assert parse_payload("0XDEADBEEF") == 0xDEADBEEF
    assert parse_payload("example.org") == parse_payload("example.org") != parse_payload("example.com")
    assert parse_payload("face") != 0xFACE


@pytest.mark.parametrize("text", ["0x", "0x123456789", "0xg"])
def test_a_number_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="eight hex digits"):
        parse_payload(text)
