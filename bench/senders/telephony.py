"""Senders of telephony: each tells of a call that an employee made and that was answered."""

import base64
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bench.senders.crm import TOKENS, WHSEC
from bench.senders.sending import (
    Order,
    Sender,
    Sent,
    as_json,
    form,
    hmac_base64,
    hmac_hex,
    sha256_hex,
    standard_headers,
)

RANG_EARLIER = timedelta(minutes=10)
_MOSCOW = ZoneInfo("Europe/Moscow")


def _started(order: Order) -> datetime:
    return (order.at - RANG_EARLIER).replace(microsecond=0)


def _mango(order: Order) -> Sent:
    start = int(_started(order).timestamp())
    told = {"entry_id": f"entry-{order.number}", "call_direction": 2, "line_number": "74950000001"}
    told |= {"from": {"extension": "101", "number": "sip:anna@vpbx.example"}, "to": {"number": "79160000001"}}
    told |= {"create_time": start, "forward_time": start, "talk_time": start + 5, "end_time": start + 65}
    said, key = json.dumps({**told, "entry_result": 1, "disconnect_reason": 1100}), "key-of-the-exchange"
    return form({"vpbx_api_key": key, "sign": sha256_hex(key + said + order.secret), "json": said})


def _uis(order: Order) -> Sent:
    ended = (_started(order) + timedelta(seconds=65)).astimezone(_MOSCOW)
    told = {"notification_mnemonic": "call_finished", "call_session_id": order.number, "direction": "out"}
    told |= {"notification_time": f"{ended:%Y-%m-%d %H:%M:%S}.000", "contact_phone_number": "79160000001"}
    told |= {"employee_id": 501, "talk_time_duration": 60, "total_time_duration": 65, "wait_time_duration": 5}
    return as_json(told, x_conveyor_token=order.secret)


def _zadarma(order: Order) -> Sent:
    start = f"{_started(order).astimezone(_MOSCOW):%Y-%m-%d %H:%M:%S}"
    told = {"event": "NOTIFY_OUT_END", "call_start": start, "pbx_call_id": f"out_{order.number}", "internal": "101"}
    told |= {"destination": "79160000001", "duration": "60", "disposition": "answered", "status_code": "16"}
    digest = hmac_hex(order.secret, f"101{told['destination']}{start}".encode(), "sha1")
    return form(told, signature=base64.b64encode(digest.encode()).decode())


def _asterisk(order: Order) -> Sent:
    start = _started(order)
    answer, end = start + timedelta(seconds=5), start + timedelta(seconds=65)
    local = [f"{moment.astimezone(_MOSCOW):%Y-%m-%d %H:%M:%S}" for moment in (start, answer, end)]
    call = f"pbx1-{int(start.timestamp())}.{order.number}"
    names = "src,dst,dcontext,channel,dstchannel,lastapp,start,answer,end,duration,billsec,disposition,"
    values = ["101", "79160000001", "from-internal", "PJSIP/101-01", "PJSIP/trunk-02", "Dial", *local]
    row = ",".join([*values, "65", "60", "ANSWERED", call, "1", call])
    body = f"{names}uniqueid,sequence,linkedid\n{row}\n".encode()
    return Sent(body, standard_headers(order, body, "text/csv"))


def _twilio(order: Order) -> Sent:
    told = {"CallSid": f"CA{order.number:032}", "SequenceNumber": "2", "CallStatus": "completed"}
    told |= {"Direction": "outbound-api", "From": "+74950000001", "To": "+79160000001", "CallDuration": "60"}
    told |= {"Duration": "1", "Timestamp": f"{order.at.astimezone(UTC):%a, %d %b %Y %H:%M:%S +0000}"}
    signed = order.url + "".join(f"{name}{told[name]}" for name in sorted(told))
    return form(told, x_twilio_signature=hmac_base64(order.secret, signed.encode(), "sha1"))


def _aircall(order: Order) -> Sent:
    start = int(_started(order).timestamp())
    call = {"id": order.number, "direction": "outbound", "status": "done", "started_at": start, "duration": 65}
    call |= {"answered_at": start + 5, "ended_at": start + 65, "raw_digits": "+7 916 000-00-01"}
    call |= {"user": {"id": 501, "email": "anna@romashka.example"}, "asset": None}
    event = {"resource": "call", "event": "call.ended", "timestamp": start + 95, "token": order.secret}
    return as_json({**event, "data": call})


def _bitrix24(order: Order) -> Sent:
    call = {"CALL_ID": f"call.{order.number}", "CALL_TYPE": "1", "PHONE_NUMBER": "+79160000001"}
    call |= {"PORTAL_USER_ID": "501", "CALL_DURATION": "60", "CALL_START_DATE": _started(order).isoformat()}
    call |= {"CALL_FAILED_CODE": "200", "COST": "0", "COST_CURRENCY": "RUB"}
    told = {f"data[{name}]": value for name, value in call.items()}
    auth = {"auth[member_id]": "5d1f77", "auth[application_token]": order.secret}
    return form({"event": "ONVOXIMPLANTCALLEND", **told, "ts": int(order.at.timestamp()), **auth})


TELEPHONY = (
    Sender("mango", TOKENS, _mango),
    Sender("uis", TOKENS, _uis),
    Sender("zadarma", TOKENS, _zadarma),
    Sender("asterisk", WHSEC, _asterisk),
    Sender("twilio", TOKENS, _twilio),
    Sender("aircall", TOKENS, _aircall),
    Sender("bitrix24_telephony", TOKENS, _bitrix24),
)
