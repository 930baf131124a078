"""No text makes a regular expression of the product slow, and a new one is tried without anybody naming it."""

import contextlib
import re
import time
from typing import Annotated

import pytest
from pydantic import StringConstraints, TypeAdapter, ValidationError

from tests.security.regular_expressions import Expression, NotReadable, all_expressions, expressions_of, hostile

# The largest body of a webhook has sixteen times as many characters: what is linear stays within a second there.
LENGTHS = (1_000, 4_000, 16_000)
# What grows exponentially would not come to an end there: it shows itself among these, and the look ends with it.
SHORT_LENGTHS = range(10, 26, 2)
SECONDS_MAX = 0.05
# From one length to the next; the time of a linear one grows fourfold, of a quadratic one sixteenfold.
GROWTH_MAX, SECONDS_THAT_COUNT = 9, 0.004
# What is cut before it is looked at, in characters.
CUT = {"services/handoff-bus/handoff_bus/sources/kinds/onec_bank/purpose.py": 1_000}


@pytest.fixture(scope="module")
def expressions() -> list[Expression]:
    return all_expressions()


def seconds(expression: Expression, text: str) -> float:
    """Processor time of the slowest use, at best of three tries where it is long enough to doubt."""
    return min(_once(expression, text) for _ in range(3)) if _once(expression, text) > 1e-3 else 0.0


def _once(expression: Expression, text: str) -> float:
    compiled = re.compile(expression.pattern, expression.flags)
    subject = text.encode("utf-8") if isinstance(expression.pattern, bytes) else text
    worst = 0.0
    for use in expression.uses:
        begun = time.process_time()
        if use in {"sub", "subn"}:
            getattr(compiled, use)(subject[:0], subject)
        else:
            found = getattr(compiled, use)(subject)
            _ = [*found] if use == "finditer" else found
        worst = max(worst, time.process_time() - begun)
    return worst


def slowness(expression: Expression) -> str | None:
    """What is wrong with it, if anything: the text it is slow on."""
    for length in SHORT_LENGTHS:
        for text in hostile(expression.pattern, expression.flags, length=length):
            if _once(expression, text) > SECONDS_MAX and (taken := seconds(expression, text)) > SECONDS_MAX:
                return _told(expression, taken, text)
    lengths = [min(length, CUT.get(expression.place.partition(":")[0], length)) for length in LENGTHS]
    for texts in zip(*(hostile(expression.pattern, expression.flags, length=one) for one in lengths), strict=True):
        before = 0.0
        for text in texts:
            taken = seconds(expression, text)
            grew = taken > SECONDS_THAT_COUNT and before > 0 and taken > GROWTH_MAX * before
            if taken > SECONDS_MAX or grew:
                return _told(expression, taken, text)
            before = taken
    return None


def _told(expression: Expression, taken: float, text: str) -> str:
    return f"{expression.place}: {taken * 1000:.0f} ms for {len(text)} characters like {text[:40]!r}"


@pytest.mark.timeout(300)
def test_no_text_makes_one_slow(expressions: list[Expression]) -> None:
    tried = [one for one in expressions if one.engine == "re"]

    assert len(tried) > 60
    assert [slow for one in tried if (slow := slowness(one)) is not None] == []


def test_no_text_makes_a_model_slow(expressions: list[Expression]) -> None:
    patterns = {str(one.pattern) for one in expressions if one.engine == "pydantic"}

    assert len(patterns) > 20
    assert {pattern: taken for pattern in patterns if (taken := longest_validation(pattern)) > SECONDS_MAX} == {}


def longest_validation(pattern: str) -> float:
    """In seconds of the processor, by the engine that pydantic has for all models of the house."""
    adapter = TypeAdapter[str](Annotated[str, StringConstraints(pattern=pattern)])
    worst = 0.0
    for text in hostile(pattern, 0, length=LENGTHS[-1]):
        begun = time.process_time()
        with contextlib.suppress(ValidationError):
            adapter.validate_python(text)
        worst = max(worst, time.process_time() - begun)
    return worst


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(\w+\s?)+$", r"^(a|a)*$", r"\s*\s*x", r"<a[^>]*>"])
def test_a_slow_one_is_found(pattern: str) -> None:
    assert slowness(Expression("here:1", pattern, 0, frozenset({"search"}), "re")) is not None


@pytest.mark.parametrize("call", ["re.compile(given)", "re.sub(given, '', text)", "Field(pattern=given)"])
def test_one_that_is_not_known_before_the_product_runs_is_refused(call: str) -> None:
    with pytest.raises(NotReadable):
        list(expressions_of(f"def work(given, text):\n    return {call}\n", {"re": re}, place="services/new.py"))
