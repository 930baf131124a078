"""Call scripts."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class CallScript(Base):
    """What the SDR says to leads of a segment; the empty segment is the script of all others."""

    __tablename__ = "telemarketing_call_scripts"

    segment: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[str] = mapped_column(Text)
