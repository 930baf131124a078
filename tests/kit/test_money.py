"""Money: what is taken from the wire, exact arithmetic, rounding and splitting."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from conveyor.contracts.values import CURRENCY_DIGITS, PositiveMoney, WireMoney
from conveyor.kit.money import CurrencyMismatch, Money, round_half_up, split_by_largest_remainder

amounts = st.integers(min_value=-(10**15), max_value=10**15)
currencies = st.sampled_from(sorted(CURRENCY_DIGITS))
weights = st.lists(st.fractions(min_value=0, max_value=1000), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("15000.00", "RUB", 1_500_000),
        ("0.01", "RUB", 1),
        ("-0.01", "RUB", -1),
        ("0.00", "RUB", 0),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("999999999999999.99", "RUB", 99_999_999_999_999_999),
    ],
)
def test_money_is_read_to_the_minor_unit(amount: str, currency: str, minor: int) -> None:
    assert Money.of(amount, currency) == Money(minor, currency)
    assert Money(minor, currency).text == amount


@pytest.mark.parametrize(
    "amount",
    [
        *(15000, 15000.00, 0.1, True, None, [], {}, b"1.00"),
        *("", " ", "1", "1.0", "1.000", "1.", ".50", "01.00", "00.00", "-0.00", "+1.00", "--1.00", "1,00", "1 000.00"),
        *("1_000.00", "1e3", "1E+3", "1e400", "NaN", "nan", "Infinity", "-inf", "0x10", " 1.00", "1.00 ", "1.00\n"),
        *("١٠.٠٠", "１.００", "1.0٠", "1\x00.00", "−1.00", "1000000000000000.00", "9" * 5000 + ".00"),
    ],
    ids=lambda amount: repr(amount)[:20],
)
def test_any_other_amount_is_refused(amount: Any) -> None:
    with pytest.raises(ValidationError):
        WireMoney.model_validate({"amount": amount, "currency": "RUB"})


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1.00", "JPY"),
        ("1", "RUB"),
        ("1.00", "KWD"),
        ("1.000", "RUB"),
        ("1.00", "BTC"),
        ("1.00", "ZZZ"),
        ("1.00", "rub"),
        ("1.00", "RU"),
        ("1.00", "RUBB"),
        ("1.00", ""),
        ("1.00", "RUB\n"),
        ("1.00", "РУБ"),
        ("1.00", 643),
    ],
)
def test_decimals_and_currency_must_be_of_iso_4217(amount: str, currency: Any) -> None:
    with pytest.raises(ValidationError):
        WireMoney.model_validate({"amount": amount, "currency": currency})


@pytest.mark.parametrize("amount", ["0.00", "-0.01", "-5.00"])
def test_what_a_client_pays_is_above_zero(amount: str) -> None:
    with pytest.raises(ValidationError):
        PositiveMoney(amount=amount, currency="RUB")
    assert PositiveMoney(amount="0.01", currency="RUB").amount == "0.01"


def test_the_schema_says_string_only() -> None:
    assert WireMoney.model_json_schema()["properties"]["amount"]["type"] == "string"


@given(minor=amounts, currency=currencies)
def test_money_survives_the_wire(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    if len(money.text.lstrip("-").partition(".")[0]) <= 15:
        assert Money.from_wire(WireMoney.model_validate(money.to_wire().model_dump())) == money


@given(left=amounts, right=amounts)
def test_adding_and_taking_away_are_inverse(left: int, right: int) -> None:
    one, other = Money(left, "RUB"), Money(right, "RUB")

    assert one + other - other == one
    assert one - other == -(other - one)
    assert bool(one) is (left != 0)


def test_currencies_never_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "RUB") + Money(1, "USD")
    with pytest.raises(CurrencyMismatch):
        Money(1, "RUB") - Money(1, "USD")


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("1/2", 1), ("-1/2", -1), ("5/2", 3), ("-5/2", -3), ("49/100", 0), ("-49/100", 0), ("7", 7), ("0", 0)],
)
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert round_half_up(Fraction(value)) == rounded


@given(value=st.fractions())
def test_rounding_is_nearest_and_mirrors(value: Fraction) -> None:
    assert abs(round_half_up(value) - value) <= Fraction(1, 2)
    assert round_half_up(-value) == -round_half_up(value)


@given(minor=amounts, factor=st.fractions(min_value=-2, max_value=2))
def test_a_share_of_the_negated_amount_is_the_negated_share(minor: int, factor: Fraction) -> None:
    assert -Money(minor, "RUB").times(factor) == (-Money(minor, "RUB")).times(factor)


@given(total=amounts, parts=weights)
def test_a_split_sums_to_the_total_fairly(total: int, parts: list[Fraction]) -> None:
    split = split_by_largest_remainder(total, parts)

    assert sum(split) == total
    whole = sum(parts)
    assert all(abs(part - total * weight / whole) < 1 for part, weight in zip(split, parts, strict=True))
    assert split == split_by_largest_remainder(total, parts)
    assert [-part for part in split] == split_by_largest_remainder(-total, parts)


@given(total=amounts, parts=weights, factor=st.fractions(min_value=Fraction(1, 9), max_value=9))
def test_only_the_proportion_of_weights_counts(total: int, parts: list[Fraction], factor: Fraction) -> None:
    scaled = [part * factor for part in parts]

    assert split_by_largest_remainder(total, parts) == split_by_largest_remainder(total, scaled)


def test_ties_go_to_the_earlier_weight_and_zero_weights_get_nothing() -> None:
    equal = [Fraction(1)] * 3
    assert split_by_largest_remainder(100, equal) == [34, 33, 33]
    assert split_by_largest_remainder(5, [Fraction(70), Fraction(30)]) == [4, 1]
    assert split_by_largest_remainder(-5, [Fraction(70), Fraction(30)]) == [-4, -1]
    assert split_by_largest_remainder(1, [Fraction(0), Fraction(1)]) == [0, 1]


@pytest.mark.parametrize("bad", [[], [Fraction(0)], [Fraction(1), Fraction(-1)], [Fraction(2), Fraction(-1)]])
def test_weights_that_make_no_sense_are_refused(bad: list[Fraction]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split_by_largest_remainder(1, bad)
