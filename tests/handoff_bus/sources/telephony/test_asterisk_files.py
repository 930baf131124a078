"""Asterisk: every way in which it keeps its records."""

import json

import pytest

from handoff_bus.sources.kinds.kind import UnreadableDelivery
from handoff_bus.sources.kinds.registry import KINDS
from tests.handoff_bus.sources.telephony.calls import call, calls, read
from tests.handoff_bus.sources.telephony.cdr import CLIENT, ID, MASTER, SPECIFIED, file, plain, record, table

TALK = record("13:00:00", "13:00:12", "13:02:00")
NEW_COLUMNS = ("peeraccount", "linkedid", "sequence")


@pytest.mark.parametrize(
    ("columns", "call_id"),
    [
        (MASTER, None),
        ((*MASTER, "userfield"), None),
        ((*MASTER, "uniqueid"), ID),
        ((*MASTER, "uniqueid", "userfield"), ID),
        ((*MASTER, *NEW_COLUMNS), ID),
        ((*MASTER, "uniqueid", *NEW_COLUMNS), ID),
        ((*MASTER, "uniqueid", "userfield", *NEW_COLUMNS), ID),
    ],
)
def test_master_csv_has_no_header_and_optional_columns(columns: tuple[str, ...], call_id: str | None) -> None:
    found = call("asterisk", file(TALK | {"userfield": "note"}, columns=columns, head=False))
    assert (found["duration_seconds"], found["employee"]["value"], found["lead"]["value"]) == (108, "201", CLIENT)
    assert found["call_id"] == call_id or (call_id is None and found["call_id"].startswith("sha256:"))


def test_columns_of_a_custom_file_are_a_setting() -> None:
    columns = ("linkedid", "src", "dst", "channel", "dstchannel", "start", "duration", "billsec", "disposition")
    body = table(TALK, columns=columns, head=False).replace(b",", b";")
    found = call("asterisk", plain(body), columns=columns, delimiter=";")
    assert (found["call_id"], found["duration_seconds"]) == (ID, 108)
    with pytest.raises(UnreadableDelivery):
        calls("asterisk", plain(body), columns=columns[:-1], delimiter=";")


def test_an_export_of_freepbx_has_neither_answer_nor_end() -> None:
    columns = tuple("calldate" if name == "start" else name for name in SPECIFIED if name not in {"answer", "end"})
    found = call("asterisk", file(TALK | {"calldate": TALK["start"]}, columns=columns))
    assert (found["started_at"], found["duration_seconds"]) == ("2026-03-06T10:00:00Z", 108)


def test_json_lines_and_a_json_list() -> None:
    lines = (json.dumps(TALK | {"sequence": 31, "answer": None, "billsec": 108}) + "\n").encode()
    for body in (lines, b"[" + lines.strip() + b"]"):
        assert call("asterisk", plain(body))["duration_seconds"] == 108


def test_events_of_the_manager_interface_have_other_names_and_no_linkedid() -> None:
    names = {
        "Source": "src",
        "Destination": "dst",
        "Channel": "channel",
        "DestinationChannel": "dstchannel",
        "StartTime": "start",
        "AnswerTime": "answer",
        "EndTime": "end",
        "Duration": "duration",
        "BillableSeconds": "billsec",
        "Disposition": "disposition",
        "UniqueID": "uniqueid",
    }
    event = "".join(f"{name}: {TALK[column]}\r\n" for name, column in names.items())
    body = f"Event: Cdr\r\nPrivilege: cdr,all\r\n{event}\r\nEvent: Hangup\r\nChannel: x\r\n\r\n"
    found = call("asterisk", plain(body.encode()))
    assert (found["call_id"], found["duration_seconds"]) == (ID, 108)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_names_in_any_encoding(encoding: str) -> None:
    body = table(TALK | {"clid": '"Клиент, ООО" <79165550014>'}).decode().encode(encoding)
    assert call("asterisk", plain(body))["duration_seconds"] == 108


def test_a_file_without_calls_of_ours_says_nothing() -> None:
    for body in (b"", table(), table(TALK | {"dst": "89165550099", "dstchannel": "PJSIP/trunk-0000000b"})):
        reading = read("asterisk", plain(body))
        assert reading.silence is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "06.03.2026 13:00"},
        {"start": ""},
        {"end": "2026-03-06 12:00:00"},
        {"answer": "2026-03-06 14:00:00"},
        {"duration": "-1"},
        {"billsec": "x"},
        {"disposition": ""},
        {"end": "2027-03-06 12:00:00"},
        {"start": "0001-01-01 00:00:00", "answer": "", "end": ""},
        {"start": "9999-12-31 23:59:59", "end": "", "duration": "99999"},
    ],
)
def test_a_record_that_makes_no_sense_is_refused_with_its_place(wrong: dict[str, str]) -> None:
    with pytest.raises(UnreadableDelivery) as refused:
        calls("asterisk", file(TALK, {**TALK, "linkedid": "other", **wrong}))
    assert refused.value.errors[0].pointer.startswith(("/records/2", "/data"))


@pytest.mark.parametrize(
    "body", [b"a,b,c", b'"open', b"\x00", b"{", b"[1]", b'{"src": {}}', b"Event: Cdr\r\nStartTime: <value>\r\n"]
)
def test_what_is_no_file_of_records_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableDelivery):
        calls("asterisk", plain(body))


def test_settings_are_checked() -> None:
    settings = KINDS["asterisk"].settings
    for wrong in ({"zone": "Moscow"}, {"zone": "../../etc/passwd"}, {"columns": ["a b"]}, {"delimiter": "x"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            settings(**wrong)
