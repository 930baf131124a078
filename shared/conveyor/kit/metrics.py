"""What Prometheus reads at /metrics: the prefix `conveyor_`, base units, labels of few values only.

Never a person, a lead, a raw path or any other unbounded value as a label. One registry per process.
"""

from prometheus_client import Counter, Gauge, Histogram

HTTP_REQUESTS = Counter("conveyor_http_requests", "Requests answered.", ["method", "route", "status"])
HTTP_REQUEST_SECONDS = Histogram(
    "conveyor_http_request_seconds",
    "From the first byte of the request to the end of the answer.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OUTBOX_PENDING = Gauge("conveyor_outbox_pending", "Facts committed and not yet published.", ["service"])
OUTBOX_LAG_SECONDS = Gauge("conveyor_outbox_lag_seconds", "Age of the oldest fact not yet published.", ["service"])
OUTBOX_PUBLISHED = Counter("conveyor_outbox_published", "Facts published.", ["service"])
OUTBOX_FAILURES = Counter("conveyor_outbox_failures", "Publications that were refused or ambiguous.", ["service"])
CONSUMER_PENDING = Gauge("conveyor_consumer_pending", "Messages of the stream not yet handled.", ["service"])
CONSUMER_HANDLED = Counter("conveyor_consumer_handled", "Messages handled, by fact.", ["service", "fact"])
CONSUMER_FAILURES = Counter(
    "conveyor_consumer_failures", "Attempts at a message that failed, by fact.", ["service", "fact"]
)
CONSUMER_BATCH_SECONDS = Histogram("conveyor_consumer_batch_seconds", "One fetched batch, to its commit.", ["service"])
INBOX_DUPLICATES = Counter("conveyor_inbox_duplicates", "Messages that had been handled before.", ["service"])
DEAD_LETTERS = Gauge("conveyor_dead_letters", "Messages given up, waiting for a person.", ["service"])
QUARANTINED = Counter("conveyor_quarantined", "Messages that are no valid facts of their publisher.", ["service"])
PARKED = Gauge("conveyor_parked_facts", "Facts that wait for something not known yet.", ["service"])
MISSING = Gauge("conveyor_missing_facts", "Facts that others said and that never came here.", ["service"])
UNPUBLISHABLE = Gauge("conveyor_unpublishable_facts", "Facts that the broker refuses for good.", ["service"])
PARKED_OLDEST_SECONDS = Gauge("conveyor_parked_oldest_seconds", "Age of the fact that waits longest.", ["service"])
