"""The one list of senders. A bank's statement is no webhook: somebody uploads it."""

from bench.senders.crm import CRM
from bench.senders.payments import PAYMENTS
from bench.senders.sending import Sender
from bench.senders.telephony import TELEPHONY

SENDERS: dict[str, Sender] = {sender.kind: sender for sender in (*CRM, *TELEPHONY, *PAYMENTS)}
