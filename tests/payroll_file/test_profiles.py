"""Columns of payroll programs: their layouts, numbers, names, encodings, and what they cannot take."""

import codecs
import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from conveyor.contracts.payroll import PayoutRow
from conveyor.kit.refusals import Invalid
from conveyor.payroll_file.forms import wanted_file
from conveyor.payroll_file.profile_form import ProfileForm
from conveyor.payroll_file.profiles.book import OURS, all_profiles, profile_named, read_profiles, version_of
from conveyor.payroll_file.profiles.document import Profile
from conveyor.payroll_file.profiles.refusals import (
    CurrenciesMixed,
    PayrollNumbersAlike,
    PayrollNumberUnfit,
    PayrollTextUnencodable,
    PayrollTextUnfit,
    WageTypeUnknown,
)
from tests.payroll_file.rows_to_write import row, written

SAMPLES = Path(__file__).parent / "samples"

ANNA = {"payroll_number": "0101", "employee": "Петрова Анна Сергеевна"}
BORIS = {"payroll_number": "0201", "employee": "Boris Orlov", "role": "ae", "component": "first_payment"}
ROWS = [
    row(**ANNA, amount="4321.09", lead='ООО "Лютик"'),
    row(
        **ANNA, component="meeting_booked", amount="1400.00", lead="=Лютик", cause_id="meeting_booked@2025-09-09 10:00"
    ),
    row(**BORIS, amount="20000.00", lead="Lutik"),
    row(**BORIS, amount="-150.00", lead="Lutik", cause_id="R1"),
]


AMOUNT = {"header": "amount", "amount": "all"}
OF_B = {"header": "amount", "amount": "B"}


def profile(code: str, **changes: object) -> Profile:
    document = json.loads(profile_named(code).model_dump_json())
    return Profile.model_validate(document | changes)


def in_profile(code: str, rows: list[PayoutRow], *, page_rows: int = 2) -> bytes:
    return written(ProfileForm(profile_named(code)), rows, page_rows=page_rows)


def latin(rows: list[PayoutRow]) -> list[PayoutRow]:
    return [
        each.model_copy(update={"employee": "Anna Petrova"} if each.payroll_number == "0101" else {}) for each in rows
    ]


@pytest.mark.parametrize(
    ("code", "sample"),
    [
        ("onec-zup", "onec_zup_utf8.csv"),
        ("onec-zup-cp1251", "onec_zup_cp1251.csv"),
        ("datev-lodas", "datev_lodas.txt"),
        ("adp", "adp_paydata.csv"),
        ("gusto", "gusto.csv"),
    ],
)
@pytest.mark.parametrize("page_rows", [1, 3, 9])
def test_a_file_is_what_the_program_takes(code: str, sample: str, page_rows: int) -> None:
    rows = latin(ROWS) if code == "gusto" else ROWS
    assert in_profile(code, rows, page_rows=page_rows) == (SAMPLES / sample).read_bytes()


def test_encodings() -> None:
    assert in_profile("onec-zup", ROWS).startswith(codecs.BOM_UTF8)
    assert in_profile("onec-zup", ROWS).decode("utf-8-sig") == in_profile("onec-zup-cp1251", ROWS).decode("cp1251")
    assert in_profile("datev-lodas", ROWS).decode("cp1252").count("\r\n") == 14 + 2


def test_a_character_outside_the_encoding_is_named() -> None:
    with pytest.raises(PayrollTextUnencodable) as refused:
        in_profile("onec-zup-cp1251", [row(), row(lead="Łódź", cause_id="P2")])
    assert refused.value.extensions == {
        "row": 2,
        "field": "Основание",
        "character": "U+0141",
        "encoding": "cp1251",
    }


def test_numbers_that_the_program_does_not_take() -> None:
    with pytest.raises(PayrollNumberUnfit) as refused:
        in_profile("datev-lodas", [row(), row(payroll_number="A-17")])
    assert refused.value.extensions == {"row": 2, "payroll_number": "A-17"}
    with pytest.raises(PayrollNumberUnfit):
        in_profile("adp", [row(payroll_number="1234567")])


@pytest.mark.parametrize(
    "terms", [{"strip_zeros": True, "width": 0}, {"strip_zeros": True, "width": 6}, {"strip_zeros": False, "width": 4}]
)
def test_two_people_never_become_one(terms: dict[str, object]) -> None:
    form = ProfileForm(profile("adp", employee_number={"digits_only": True, **terms}))
    with pytest.raises(PayrollNumbersAlike) as refused:
        written(form, [row(), row(payroll_number="101", cause_id="P2")])
    assert refused.value.extensions == {"payroll_numbers": ["0101", "101"]}


def test_one_currency() -> None:
    rows = [row(), row(currency="USD", amount="5.00", cause_id="P2")]
    for code in ("onec-zup", "datev-lodas", "gusto"):
        with pytest.raises(CurrenciesMixed) as refused:
            in_profile(code, rows)
        assert refused.value.extensions == {"currencies": ["RUB", "USD"]}


def test_wage_types_and_texts_without_quotes() -> None:
    only_named = {"components": {"client_paid": "2501"}, "otherwise": None, "negative": None}
    lodas = profile("datev-lodas", wage_types=only_named)
    assert b";2501;4;6000,00;" in written(ProfileForm(lodas), [row()])
    with pytest.raises(WageTypeUnknown) as unknown:
        written(ProfileForm(lodas), [row(component="letter_general")])
    assert unknown.value.extensions == {"component": "letter_general"}
    with pytest.raises(PayrollTextUnfit):
        written(
            ProfileForm(profile("datev-lodas", wage_types=only_named | {"otherwise": "25;00"})), [row(component="x")]
        )


def test_what_nets_to_nothing_is_left_blank() -> None:
    rows = latin([row(**ANNA, amount="10.00"), row(**ANNA, amount="-10.00", cause_id="R1")])
    assert in_profile("gusto", rows).splitlines()[1] == b"Petrova,Anna,0101,,,telemarketing-2025-09-1 2025-09"


def test_no_rows() -> None:
    assert in_profile("adp", []) == b"Co Code,Batch ID,File #,Earnings 3 Code,Earnings 3 Amount\r\n"
    assert in_profile("datev-lodas", []).endswith(b"[Bewegungsdaten]\r\n")


def test_what_is_asked_for() -> None:
    assert wanted_file(profile="adp").file_name("closing-2025-09-1") == "PRCNVEPI.csv"
    assert wanted_file(profile="onec-zup-cp1251").media_type == "text/csv; charset=cp1251"
    assert wanted_file(file_format="jsonl").file_name("payroll-2025-09") == "payroll-2025-09.jsonl"
    for unfit in ({"profile": "sap"}, {"profile": "adp", "file_format": "xlsx"}):
        with pytest.raises(Invalid):
            wanted_file(**unfit)  # type: ignore[arg-type] # from the pairs above


def test_another_document_is_another_form() -> None:
    other = profile("adp", settings={"co_code": "LTK", "batch_name": "BONUS"})
    assert version_of(other) != version_of(profile_named("adp")) == version_of(profile("adp"))


def test_a_department_brings_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = json.loads((OURS / "adp.json").read_text(encoding="utf-8")) | {"title": "ours"}
    (tmp_path / "adp.json").write_text(json.dumps(own), encoding="utf-8")
    monkeypatch.setenv("CONVEYOR_PAYROLL_PROFILES_DIR", str(tmp_path))
    all_profiles.cache_clear()
    try:
        assert profile_named("adp").title == "ours"
        assert set(all_profiles()) == set(read_profiles(OURS))
    finally:
        all_profiles.cache_clear()


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": [AMOUNT, {"header": "x", "text": "{nobody}"}]},
        {"columns": [AMOUNT, {"header": "x", "text": "{lead}"}]},
        {"columns": [AMOUNT, {"header": "x"}]},
        {"columns": [{"header": "x", "text": "{employee_number}"}]},
        {"columns": [{"header": "x", "amount": "K"}]},
        {"wage_types": {"components": {"client_paid": "K"}, "otherwise": "B", "negative": None}, "columns": [OF_B]},
        {"columns": []},
        {"encoding": "cp0"},
        {"file_name": "{lead}.csv"},
        {"wage_types": {"components": {}, "otherwise": "1", "negative": "2"}},
        {"unknown": 1},
    ],
)
def test_senseless_documents(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        profile("adp", **changes)
