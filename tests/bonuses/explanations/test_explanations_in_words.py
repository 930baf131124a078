"""Every line and every missing one in words, English and Russian, with money as money."""

import json
from fractions import Fraction
from functools import cache
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyor.bonuses.engine.lines import Evaluation, ReasonCode
from conveyor.bonuses.explanations.absences import _WORDS, Missing, in_russian
from conveyor.bonuses.explanations.numbers import Language, money_text, number_text, percent_text
from conveyor.bonuses.explanations.sentences import sentences
from tests.bonuses.engine.golden import golden_quarter
from tests.bonuses.engine.story import ROLES, Department

MOSCOW = ZoneInfo("Europe/Moscow")
LANGUAGES: tuple[Language, ...] = ("en", "ru")


@cache
def evaluated(role: Any) -> Evaluation:
    return Department().evaluate(role, golden_quarter().facts)


def stored(role: str, component: str, cause_id: str) -> dict[str, Any]:
    lines = evaluated(role).lines
    line = next(line for line in lines if (line.component, line.cause_id) == (component, cause_id))
    plain: dict[str, Any] = json.loads(json.dumps(line.explanation.to_json()))
    return plain


def plain(texts: list[str]) -> list[str]:
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts]


def test_three_per_cent_of_a_payment() -> None:
    said = sentences(stored("sdr", "client_paid", "P1"), lang="en", zone=MOSCOW)
    assert said[:2] == [
        "client_paid by plan sdr-standard, version 1: 6,000.00 RUB.",
        "Payment P1 of 200,000.00 RUB on 2025-09-22 12:00.",
    ]
    assert "3 % of 200,000.00 RUB = 6,000.00 RUB." in said
    assert said[-1].startswith("What would change it: a refund of this payment")


def test_the_same_in_russian() -> None:
    said = plain(sentences(stored("sdr", "client_paid", "P1"), lang="ru", zone=MOSCOW))
    assert "3 % от 200 000,00 RUB = 6 000,00 RUB." in said
    assert "2025-09 — первый платёжный месяц сделки." in said
    assert said[-1].startswith("Что это изменит: возврат этой оплаты удержит свою долю")


def test_what_a_refund_takes() -> None:
    said = sentences(stored("ae", "first_payment", "R1"), lang="en", zone=MOSCOW)
    assert said[0] == "first_payment by plan ae-standard, version 1: −5,000.00 RUB."
    share = "Share of what was refunded so far: 10,000.00 RUB × 50,000.00 RUB ÷ 100,000.00 RUB = 5,000.00 RUB."
    assert share in said


def test_half_of_the_norm() -> None:
    said = sentences(stored("sdr", "letter_general", "2025-09"), lang="en", zone=MOSCOW)
    assert "Norm reached: 495 ÷ 990 = 50 %." in said
    assert "In proportion to the norm reached: 50 % of 60.00 RUB = 30.00 RUB." in said


def test_the_retention() -> None:
    said = plain(sentences(stored("am", "quarterly_retention", "2025-Q4"), lang="ru", zone=MOSCOW))
    expected = "Оплаты за вычетом возвратов периода: 560 000,00 RUB − 50 000,00 RUB = 510 000,00 RUB."
    assert expected in said


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("role", ROLES)
def test_no_line_speaks_of_minor_units_or_of_steps_without_words(role: str, lang: Language) -> None:
    for line in evaluated(role).lines:
        said = sentences(json.loads(json.dumps(line.explanation.to_json())), lang=lang, zone=MOSCOW)
        assert len(said) >= 3
        assert not [text for text in said if "minor" in text or "{" in text]
        if lang == "ru":
            latin = {"Payment", "line", "refund of", "would", "norm", "rounded"}
            assert not [text for text in said if any(word in text for word in latin)]


def test_a_component_kind_of_tomorrow_is_read_by_its_units() -> None:
    explanation = {
        "kind": "accelerator",
        "component": "over_quota",
        "plan": {"code": "ae-new", "version": 4},
        "terms": {"tiers": [{"rate": "0.125"}], "quota_minor": 90_000_000},
        "inputs": [{"what": "quarter_of_sales", "won_minor": 100_000_000}],
        "steps": [
            {
                "name": "over",
                "op": "subtract",
                "of": ["inputs.0.won_minor", "terms.quota_minor"],
                "result": "10000000",
            },
            {"name": "line", "op": "multiply", "of": ["steps.over", "terms.tiers.0.rate"], "result": "1250000"},
            {"name": "odd", "op": "power", "of": ["2", "3"], "result": "8", "text": "two to the third is 8"},
        ],
        "result": {"amount": "12500.00", "currency": "RUB"},
        "what_would_change": ["a new kind of change"],
    }
    assert sentences(explanation, lang="en", zone=MOSCOW)[1:] == [
        "1,000,000.00 RUB − 900,000.00 RUB = 100,000.00 RUB.",
        "12.5 % of 100,000.00 RUB = 12,500.00 RUB.",
        "two to the third is 8.",
        "What would change it: a new kind of change.",
    ]


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (None, "Entry 7 is negated as it was stored: the line does not stand any more."),
        (
            {"amount": "1250.50", "currency": "EUR"},
            "Entry 7 is negated as it was stored: the line is now 1,250.50 EUR.",
        ),
    ],
)
def test_a_reversal(now: dict[str, str] | None, text: str) -> None:
    explanation = {"text": "", "reverses": {"entry_id": "…", "journal_no": 7}, "now": now}
    assert sentences(explanation, lang="en", zone=MOSCOW) == [text]


class TestAbsences:
    def test_every_code_of_the_engine_has_russian_words(self) -> None:
        assert set(get_args(ReasonCode)) <= _WORDS.keys()

    @pytest.mark.parametrize("role", ROLES)
    def test_every_absence_of_the_quarter(self, role: str) -> None:
        absences = evaluated(role).absences
        assert absences
        for absence in absences:
            text = in_russian(
                Missing(
                    role=absence.role,
                    component=absence.component,
                    cause_id=absence.cause_id,
                    earned_on=absence.earned_on,
                    reason_code=absence.reason_code,
                    details=absence.details,
                    text=absence.text,
                ),
                zone=MOSCOW,
            )
            assert "Начисления нет" not in text, text
            assert absence.text not in text

    def test_a_code_of_tomorrow_keeps_its_english_words(self) -> None:
        missing = Missing("ae", "x", "P1", None, "moon_in_retrograde", {}, "the moon was in retrograde")
        assert in_russian(missing, zone=MOSCOW) == ("Начисления нет (moon_in_retrograde): the moon was in retrograde")

    @pytest.mark.parametrize("code", sorted(_WORDS))
    def test_missing_details_never_break_an_answer(self, code: str) -> None:
        missing = Missing("ae", None, None, None, code, {}, "words of the engine")
        assert in_russian(missing, zone=MOSCOW)


class TestNumbers:
    @pytest.mark.parametrize(
        ("minor", "currency", "english"),
        [
            (Fraction(0), "RUB", "0.00 RUB"),
            (Fraction(-5), "RUB", "−0.05 RUB"),
            (Fraction(123456789), "RUB", "1,234,567.89 RUB"),
            (Fraction(1, 2), "RUB", "0.005 RUB"),
            (Fraction(100, 3), "RUB", "≈ 0.333333 RUB"),
            (Fraction(1500), "JPY", "1,500 JPY"),
            (Fraction(1500), "KWD", "1.500 KWD"),
        ],
    )
    def test_money(self, minor: Fraction, currency: str, english: str) -> None:
        assert money_text(minor, currency, "en") == english

    def test_shares_and_counts(self) -> None:
        assert percent_text(Fraction("0.03"), "en") == "3 %"
        assert percent_text(Fraction(2, 3), "ru") == "≈ 66,6667 %"
        assert number_text(Fraction(990), "en") == "990"

    @given(st.integers(-(10**17), 10**17))
    def test_whole_minor_units_are_never_cut(self, minor: int) -> None:
        text = money_text(Fraction(minor), "RUB", "en").removesuffix(" RUB").replace(",", "").replace("−", "-")
        assert Fraction(text) * 100 == minor
