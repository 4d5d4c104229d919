from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccip_core.amounts import AmountError, amount_text, convert_decimals, parse_amount, rounded_text


@given(st.integers(1, (1 << 256) - 1), st.integers(0, 77))
def test_text_and_amount_are_inverses(amount, decimals):
    assert parse_amount(amount_text(amount, decimals), decimals) == amount


@given(st.integers(0, (1 << 256) - 1), st.integers(0, 77))
def test_people_read_an_amount_to_four_places_or_exactly(amount, decimals):
    read = Fraction(rounded_text(amount, decimals).replace(",", ""))
    exact = Fraction(amount, 10**decimals)
    assert abs(read - exact) <= Fraction(1, 2 * 10**4)
    assert read == exact or read >= Fraction(1, 10**4)


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        (0, 18, "0"),
        (1_234_567_891_234_5, 7, "1,234,567.8912"),
        (10**12, 6, "1,000,000"),
        (1, 18, "0." + "0" * 17 + "1"),
    ],
)
def test_thousands_stand_apart(amount, decimals, text):
    assert rounded_text(amount, decimals) == text


@pytest.mark.parametrize(
    ("text", "decimals", "amount"),
    [
        ("1.5", 18, 15 * 10**17),
        ("0.000001", 6, 1),
        ("1.50", 1, 15),
        ("007", 0, 7),
        ("9007199254740993", 0, 9007199254740993),
    ],
)
def test_amounts_are_exact(text, decimals, amount):
    assert parse_amount(text, decimals) == amount


@pytest.mark.parametrize(
    "text", ["", "0", "0.0", "-1", "+1", "1e18", "1,5", " 1", "1.", ".5", "NaN", "0x10", "1.0000001", "9" * 79, "²"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(AmountError):
        parse_amount(text, 6)


def test_conversion_rounds_down_as_the_pools_do():
    assert convert_decimals(1_999_999_999_999, of=18, to=6) == 1
    assert convert_decimals(5, of=6, to=18) == 5 * 10**12
