"""Secrets that providers make: the text itself is the key."""

_LENGTH_MAX = 500


def plain_key(secret: str) -> bytes:
    """The key in a provider's secret: its bytes. Raises ValueError for an empty or overlong one."""
    if not secret.strip() or len(secret) > _LENGTH_MAX or not secret.isprintable():
        msg = f"must be 1 to {_LENGTH_MAX} printable characters"
        raise ValueError(msg)
    return secret.encode()
