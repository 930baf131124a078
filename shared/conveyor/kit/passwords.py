"""Passwords that may change while a service runs: whoever connects asks for the one that counts now."""

from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

Password = Callable[[], str]
"""Gives the password of a user of the database or of the broker. May raise PasswordUnreadable."""


class PasswordUnreadable(ConnectionError):
    """The file cannot be read right now. A ConnectionError, so that it is tried again as an absent server is."""


def password_from(file: Path | None, secret: SecretStr | None) -> Password | None:
    """Read from `file` each time, if there is one, else always `secret`; None when neither is given."""
    if file is not None:
        return lambda: read_password(file)
    if secret is not None:
        return secret.get_secret_value
    return None


def read_password(file: Path) -> str:
    """What stands in the file, without the end of its line. Raises PasswordUnreadable."""
    try:
        return file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError):
        msg = "the file of a password cannot be read"
        raise PasswordUnreadable(msg) from None
