"""Token amounts between the text that people write and the integers that contracts hold. No float ever."""

from __future__ import annotations

import re

_PLACES = 4
_DECIMAL = re.compile(r"(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]+))?")


class AmountError(ValueError):
    """Not an amount of this token; the text says why."""


def parse_amount(text: str, decimals: int) -> int:
    """A positive decimal number of whole tokens, such as `1.5`, in the token's smallest units, exactly.

    Raises:
        AmountError: not a plain decimal number, zero, finer than the token's smallest unit, or above uint256.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise AmountError("not a positive decimal number; write whole tokens, such as 1.5")
    fraction = (match["fraction"] or "").rstrip("0")
    if len(fraction) > decimals:
        raise AmountError(f"finer than the token's smallest unit; it has {decimals} decimals")
    if len(match["whole"]) > 78:
        raise AmountError("larger than any token's supply")
    unit: int = 10**decimals
    amount = int(match["whole"]) * unit + int(fraction.ljust(decimals, "0") or "0")
    if amount == 0:
        raise AmountError("nothing; give an amount above zero")
    if amount >= 1 << 256:
        raise AmountError("larger than any token's supply")
    return amount


def amount_text(amount: int, decimals: int) -> str:
    """Smallest units as whole tokens, exactly and without needless zeros; the inverse of `parse_amount`."""
    whole, rest = divmod(abs(amount), 10**decimals)
    sign = "-" if amount < 0 else ""
    fraction = str(rest).rjust(decimals, "0").rstrip("0") if rest else ""
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def rounded_text(amount: int, decimals: int) -> str:
    """A non-negative amount as people read it: thousands apart, four decimal places; all of them where those are 0."""
    if decimals > _PLACES:
        rounded = (amount + 5 * 10 ** (decimals - _PLACES - 1)) // 10 ** (decimals - _PLACES)
        if rounded:
            amount, decimals = rounded, _PLACES
    whole, point, fraction = amount_text(amount, decimals).partition(".")
    return f"{int(whole):,}{point}{fraction}"


def convert_decimals(amount: int, of: int, to: int) -> int:
    """The amount on a chain whose token has `to` decimals, rounded down as the pools round (spec 4.7)."""
    factor: int = 10 ** abs(to - of)
    return amount * factor if to >= of else amount // factor
