"""When something happened in business, as the caller may say it."""

from datetime import datetime, timedelta

from conveyor.kit.refusals import Invalid

ROLES_THAT_IMPORT_HISTORY = frozenset({"integration", "admin"})


def business_time(
    occurred_at: datetime | None, *, now: datetime, principal_role: str, backdating_days_max: int
) -> datetime:
    """The moment of an action: `occurred_at` when given, else `now`; both aware.

    A future moment is refused for everybody; one more than `backdating_days_max` days back only `integration` and
    `admin` may name, so that history can be imported. Raises Invalid pointing at `/occurred_at`.
    """
    if occurred_at is None:
        return now
    if occurred_at.tzinfo is None:
        raise Invalid.field("/occurred_at", "must name its zone")
    if occurred_at > now:
        raise Invalid.field("/occurred_at", "must not lie in the future")
    oldest = now - timedelta(days=backdating_days_max)
    if occurred_at < oldest and principal_role not in ROLES_THAT_IMPORT_HISTORY:
        raise Invalid.field("/occurred_at", f"must not lie more than {backdating_days_max} days back")
    return occurred_at
