"""The faults that are known to hit systems like this one, each with what is guaranteed and what provokes it.

A scenario is provoked by tests of the suite (a test's id up to its parameters, or with them); `make faults` runs them
and writes down what came out. What happens together, at random and under load is the campaign's part (`campaign.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from faults import small_file_system

CRASHES = "tests/kit/test_messaging_crashes.py::test_death_at_a_failpoint_leaves_one_effect_of_each"
FAULTS = "tests/kit/test_messaging_faults.py"
WAY = "tests/kit/test_messaging_way.py"
INTAKE = "tests/kit/test_messaging_intake.py"
DEATH = "tests/faults/test_sudden_death.py"
OUTAGES = "tests/faults/test_outages.py"
LINKS = "tests/faults/test_links.py"
QUARTER = "tests/faults/test_quarter_in_trouble.py"
CLUSTER = "tests/faults/test_cluster.py"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault: what is guaranteed, how it is provoked, and by which tests.

    `hindrance` says what keeps this machine from provoking it; empty if nothing does.
    """

    name: str
    guarantee: str
    provoked: str
    tests: tuple[str, ...]
    hindrance: Callable[[], str] = str


SCENARIOS = (
    Scenario(
        "a service dies before it commits",
        "no row and no fact; the caller repeats his request",
        "failpoint `tx.before_commit`, SIGKILL",
        (f"{CRASHES}[tx.before_commit-20]",),
    ),
    Scenario(
        "a service dies after the commit, before its relay",
        "the next relay publishes the fact",
        "failpoint `tx.after_commit`, SIGKILL",
        (f"{CRASHES}[tx.after_commit-40]",),
    ),
    Scenario(
        "the relay dies before it publishes",
        "nothing is lost",
        "failpoint `relay.before_publish`, in one service and in the whole line",
        (f"{CRASHES}[relay.before_publish-40]", DEATH),
    ),
    Scenario(
        "the relay dies after publishing, before it marks",
        "published again, taken as a repetition, one effect",
        "failpoint `relay.before_mark`, in one service and in the whole line",
        (f"{CRASHES}[relay.before_mark-40]", DEATH),
    ),
    Scenario(
        "the same, and it comes back after the broker forgot",
        "twice in the stream, one effect",
        "a duplicate window of 0.1 s",
        (f"{FAULTS}::test_a_repetition_past_the_broker_s_memory_has_one_effect",),
    ),
    Scenario(
        "publishing whose fate is unknown",
        "published a few at a time under the same ids, one effect, each key in order",
        "SIGSTOP of the broker until the relay has given up an attempt",
        (f"{FAULTS}::test_a_broker_that_hangs_while_a_batch_is_published_leaves_one_effect",),
    ),
    Scenario(
        "two relays, and a leader that lost its lock",
        "one publishes; a zombie only repeats; the order of a key stays",
        "sessions of the leader ended under load",
        (
            f"{WAY}::TestPublishing::test_only_one_of_two_relays_publishes",
            f"{FAULTS}::test_a_leader_that_lost_its_lock_and_does_not_know_only_repeats",
        ),
    ),
    Scenario(
        "the broker dies under load",
        "no acknowledged fact is lost; what comes again has one effect",
        "SIGKILL twice while facts are said; down for long while webhooks come",
        (
            f"{WAY}::TestBrokerTrouble::test_restarts_under_load_lose_and_double_nothing",
            f"{OUTAGES}::test_broker_down_while_webhooks_come",
        ),
    ),
    Scenario(
        "the broker's volume is lost or older",
        "the stream is seeded again from the log; one effect",
        "the stream is deleted and made anew; the volume is set back to an older copy",
        (
            f"{WAY}::TestBrokerTrouble::test_a_wiped_stream_is_seeded_again_with_one_effect",
            f"{FAULTS}::test_a_broker_with_an_older_copy_of_its_volume_is_given_the_rest_again",
        ),
    ),
    Scenario(
        "a leader of three brokers dies while facts are published",
        "nothing is lost or doubled; publishing goes on by itself",
        "three servers, stream R3, SIGKILL of the stream's leader, four times",
        (f"{CLUSTER}::test_leaders_killed_while_publishing",),
    ),
    Scenario(
        "two of three brokers are gone",
        "publishing fails fast, the outbox grows, and drains after the return",
        "SIGKILL of two, then a start",
        (f"{CLUSTER}::test_without_a_quorum_the_outbox_waits",),
    ),
    Scenario(
        "the stream is full",
        "the outbox keeps the facts until there is room",
        "a stream of a few kilobytes, `discard: new`",
        ("tests/kit/test_messaging_provisioning.py::test_a_full_stream_keeps_the_outbox_until_there_is_room",),
    ),
    Scenario(
        "the disk is full",
        "what was answered is kept; the rest is refused or waits in the outbox until there is room; one effect",
        "a small file system under the broker's store, and one under PostgreSQL's data, filled while facts are said",
        ("tests/faults/test_full_disk.py",),
        hindrance=small_file_system.hindrance,
    ),
    Scenario(
        "a consumer dies before or after its commit",
        "one effect",
        "failpoints `consumer.before_commit`, `consumer.before_ack`, in one service and in the whole line",
        (f"{CRASHES}[consumer.before_commit-40]", f"{CRASHES}[consumer.before_ack-40]", DEATH),
    ),
    Scenario(
        "a handler slower than the broker's patience",
        "the second attempt waits at the inbox; one effect",
        "a handler that hangs beyond the wait for the acknowledgement, two consumers",
        (f"{FAULTS}::test_a_handler_slower_than_the_broker_s_patience_has_one_effect",),
    ),
    Scenario(
        "poison",
        "quarantine or a dead letter with its cause; the rest goes on",
        "no JSON, no envelope, a stranger's fact, a used id with another body, a handler that fails",
        (INTAKE,),
    ),
    Scenario(
        "repetition, any order, delay by months",
        "the payroll files are the same to the byte",
        "each webhook up to three times, shuffled, some before their contract, some after the closing, in trouble; "
        "`tests/journeys/test_order.py` without trouble, in twenty orders",
        (QUARTER,),
    ),
    Scenario(
        "PostgreSQL dies",
        "503 while it is away; afterwards everything goes on without a restart",
        "SIGKILL of all its processes",
        (f"{OUTAGES}::test_database_down_answers_503_and_comes_back_without_a_restart",),
    ),
    Scenario(
        "a session of PostgreSQL dies",
        "PostgreSQL ends all sessions and recovers; nothing that was answered is lost, one effect",
        "SIGKILL of a session's process, three times under load",
        ("tests/faults/test_killed_session.py",),
    ),
    Scenario(
        "a commit below the highest published id",
        "published all the same",
        "a transaction is held open while later ones are published",
        (f"{WAY}::TestPublishing::test_a_row_that_commits_late_below_published_ids_is_published",),
    ),
    Scenario(
        "a forgotten transaction",
        "relay and consumer go on",
        "a snapshot is held while 400 facts are said",
        (f"{FAULTS}::test_a_forgotten_transaction_holds_up_nobody",),
    ),
    Scenario(
        "bad links",
        "the service finds its servers again by itself; one effect",
        "a TCP proxy that resets, cuts, stalls and slows the links to the broker and to the database",
        (LINKS,),
    ),
    Scenario(
        "permissions",
        "a denied subject stops its key only and is counted; both forms of acknowledgements are allowed",
        "each service's user tries what it may and may not",
        ("tests/deploy/test_nats_users.py",),
    ),
    Scenario(
        "webhooks twice, late, forged, and while the database is away",
        "2xx only after the commit; one effect; 401 for stale and forged, 503 while the database is away",
        "HTTP against the door",
        ("tests/handoff_bus/test_door.py", "tests/handoff_bus/test_outage.py"),
    ),
    Scenario(
        "the clock jumps",
        "facts keep their order and one effect; a request is known for 72 hours; a deadline is said once",
        "the one clock of a service is set ahead and back by up to a month while facts are said, requests repeated and "
        "deadlines looked at; the servers' own clocks stand",
        (
            "tests/faults/test_clock_jumps.py",
            "tests/handoff_bus/test_deadlines.py::test_a_clock_that_jumps_ahead_and_back_says_nothing_twice",
        ),
    ),
    Scenario(
        "nats-py keeps something to itself",
        "a lost callback, a swallowed cancellation, a late timeout: the consumer goes on",
        "callbacks taken away, a client that swallows, a broker that hangs",
        (f"{WAY}::TestBrokerTrouble", "tests/kit/test_messaging_swallowed.py"),
    ),
    Scenario(
        "services die one after another under load",
        "the others go on; what died catches up",
        "each of the four killed while webhooks come in",
        (DEATH,),
    ),
)
NOT_PROVOKED = {
    "the machine loses power": "needs a machine of its own; a test looks that the broker syncs before it acknowledges",
}
