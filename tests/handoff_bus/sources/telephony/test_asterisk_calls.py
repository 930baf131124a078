"""Asterisk: which records are one call, whose it is, and how long he talked."""

from itertools import permutations

import pytest

from tests.handoff_bus.sources.telephony.calls import call, calls
from tests.handoff_bus.sources.telephony.cdr import CLIENT, ID, MASTER, SPECIFIED, TRANSFERRED, file, record

NAMELESS = tuple(name for name in SPECIFIED if name not in {"uniqueid", "linkedid", "sequence"})


def test_an_answered_call_counts_billsec_not_duration() -> None:
    assert call("asterisk", file(record("13:00:00", "13:00:12", "13:02:00"))) == {
        "call_id": ID,
        "direction": "in",
        "started_at": "2026-03-06T10:00:00Z",
        "duration_seconds": 108,
        "employee": {"system": "extension", "value": "201"},
        "lead": {"system": "phone", "value": CLIENT},
    }


def test_local_times_are_those_of_the_server() -> None:
    found = call("asterisk", file(record("13:00:00", "13:00:12", "13:02:00")), zone="UTC")
    assert found["started_at"] == "2026-03-06T13:00:00Z"


def test_an_unanswered_dial_has_no_seconds() -> None:
    missed = call("asterisk", file(record("13:00:00", None, "13:00:20")))
    assert (missed["employee"]["value"], missed["duration_seconds"]) == ("201", 0)


def test_an_attended_transfer_is_one_call_of_whom_it_was_handed_to() -> None:
    found = call("asterisk", file(*TRANSFERRED))
    assert (found["employee"]["value"], found["direction"], found["lead"]["value"]) == ("202", "in", CLIENT)


def test_seconds_of_a_transfer_are_end_minus_answer_for_billsec_does_not_add_up() -> None:
    assert TRANSFERRED[2]["billsec"] == "47"
    assert call("asterisk", file(*TRANSFERRED))["duration_seconds"] == 37


def test_the_order_of_records_changes_nothing() -> None:
    expected = calls("asterisk", file(*TRANSFERRED))
    assert all(calls("asterisk", file(*order)) == expected for order in permutations(TRANSFERRED))


def test_a_transfer_without_linkedid_is_joined_by_its_channels() -> None:
    found = call("asterisk", file(*TRANSFERRED, columns=NAMELESS))
    assert (found["employee"]["value"], found["duration_seconds"]) == ("202", 37)
    assert found["call_id"].startswith("sha256:")
    again = [calls("asterisk", file(*order, columns=NAMELESS)) for order in permutations(TRANSFERRED)]
    assert all(other == [found] for other in again)


def test_a_channel_name_that_comes_again_later_is_another_call() -> None:
    first, second = record("13:00:00", "13:00:05", "13:01:00"), record("14:00:00", "14:00:05", "14:01:00")
    assert len(calls("asterisk", file(first, second, columns=NAMELESS))) == 2


def test_records_without_those_of_the_first_channel_do_not_stand_for_the_call() -> None:
    part = call("asterisk", file(TRANSFERRED[1]))
    assert (part["call_id"], part["direction"]) == (f"{ID}/pbx1-1772791210.42", "internal")
    assert call("asterisk", file(TRANSFERRED[0], TRANSFERRED[2]))["call_id"] == ID


def test_parallel_dial_legs_are_one_call_of_who_answered() -> None:
    ringing = [
        record("13:00:00", None, "13:00:10", dstchannel=f"PJSIP/{number}-0000000{number[-1]}", sequence=number)
        for number in ("201", "202", "203")
    ]
    answered = record("13:00:00", "13:00:10", "13:01:10", dstchannel="PJSIP/204-00000009", sequence=40)
    for columns in (SPECIFIED, NAMELESS):
        found = call("asterisk", file(*ringing, answered, columns=columns))
        assert (found["employee"]["value"], found["duration_seconds"]) == ("204", 60)
    nobody = call("asterisk", file(*ringing))
    assert (nobody["employee"]["value"], nobody["duration_seconds"]) == ("201", 0)


def test_two_phones_of_one_person_do_not_double_his_seconds() -> None:
    one = record("13:00:00", "13:00:10", "13:01:10", sequence=1)
    other = record("13:00:00", "13:00:40", "13:01:20", dstchannel="PJSIP/201-0000000f", sequence=2)
    assert call("asterisk", file(one, other))["duration_seconds"] == 70


def test_a_queue_is_answered_by_the_channel_not_by_its_number() -> None:
    queued = record("13:00:00", "13:00:10", "13:01:00", dst="700", dstchannel="Local/205@from-queue-0000002a;1")
    assert call("asterisk", file(queued))["employee"]["value"] == "205"


def test_the_menu_and_voice_mail_are_nobodys_talk() -> None:
    menu = record("13:00:00", "13:00:01", "13:02:00", dst="s", dstchannel="", lastapp="BackGround")
    assert not calls("asterisk", file(menu))
    missed = call("asterisk", file(record("13:00:00", None, "13:00:20"), {**menu, "lastapp": "VoiceMail"}))
    assert missed["duration_seconds"] == 0


def test_outgoing_belongs_to_the_extension_although_src_is_the_number_shown() -> None:
    out = record(
        "13:00:00",
        "13:00:12",
        "13:02:00",
        src="74957770003",
        cnum="201",
        dst="89165550014",
        channel="PJSIP/201-0000000d",
        dstchannel="PJSIP/trunk-0000000e",
    )
    for columns in ((*SPECIFIED, "cnum"), SPECIFIED):
        found = call("asterisk", file(out, columns=columns))
        assert (found["direction"], found["employee"]["value"]) == ("out", "201")
        assert found["lead"]["value"] == "89165550014"


def test_an_outgoing_call_that_was_handed_over_stays_outgoing() -> None:
    out = {"src": "201", "dst": CLIENT, "channel": "PJSIP/201-0000000d", "dstchannel": "PJSIP/trunk-0000000e"}
    first = record("13:00:00", "13:00:10", "13:01:00", sequence=1, **out)
    handed = record(
        "13:01:00",
        "13:01:00",
        "13:01:40",
        sequence=2,
        src=CLIENT,
        dst="202",
        dstchannel="PJSIP/202-0000000f",
        uniqueid="pbx1-1772791230.43",
    )
    found = call("asterisk", file(first, handed))
    assert (found["direction"], found["employee"]["value"], found["duration_seconds"]) == ("out", "202", 40)


def test_colleagues_call_each_other_internally() -> None:
    inner = record(
        "13:00:00",
        "13:00:10",
        "13:01:00",
        src="201",
        dst="202",
        channel="PJSIP/201-0000000d",
        dstchannel="PJSIP/202-0000000e",
    )
    found = call("asterisk", file(inner))
    assert (found["direction"], found["employee"]["value"], found["duration_seconds"]) == ("internal", "201", 50)


def test_what_is_an_extension_is_a_setting() -> None:
    short = record("13:00:00", "13:00:10", "13:01:00", dst="600", dstchannel="PJSIP/201-0000000b")
    assert not calls("asterisk", file(short), extension_digits=(4, 5))
    assert not calls("asterisk", file(short), extension_digits=(5, 4))


def test_records_repeated_in_a_file_count_once() -> None:
    assert calls("asterisk", file(*TRANSFERRED, *TRANSFERRED)) == calls("asterisk", file(*TRANSFERRED))


@pytest.mark.parametrize("column", ["recordingfile", "userfield"])
def test_a_recording_is_kept_when_it_is_an_address(column: str) -> None:
    columns = tuple(dict.fromkeys((*MASTER, column)))
    for address, kept in (("https://pbx.example/rec/1.wav", True), ("/var/spool/asterisk/1.wav", False)):
        told = record("13:00:00", "13:00:12", "13:02:00") | {column: address}
        found = call("asterisk", file(told, columns=columns))
        assert (found.get("recording_url") == address) is kept
