"""The headers of a dispatch, by Standard Webhooks: a signature for each secret that is valid now, newest first."""

from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook

SIGNATURES_MAX = 5


def signed_headers(secrets: Sequence[str], *, webhook_id: str, at: datetime, body: str) -> dict[str, str]:
    """`at` is the moment of this attempt; `webhook_id` stays the same at every attempt and replay of a fact."""
    signatures = [Webhook(secret).sign(webhook_id, at, body) for secret in secrets[:SIGNATURES_MAX]]
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
