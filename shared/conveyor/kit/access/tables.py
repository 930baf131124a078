"""The trail's table. The service's role may add rows and read them, never change them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class PersonalDataRead(Base):
    """Somebody was shown something about `subject_ids` (of kind `subject`); what he saw is not written down."""

    __tablename__ = "personal_data_reads"
    __table_args__ = (
        Index("ix_personal_data_reads_actor", "actor", "read_no"),
        Index("ix_personal_data_reads_subject_ids", "subject_ids", postgresql_using="gin"),
    )

    read_no: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    read_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    operation: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    subject_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    request_id: Mapped[str | None] = mapped_column(Text)
