"""Every calendar that was announced; none is ever changed."""

from datetime import date

from sqlalchemy import ARRAY, CHAR, Date, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from conveyor.kit.database import Base


class CalendarVersion(Base):
    """The department's zone, currency and working days from `effective_from` on."""

    __tablename__ = "calendar_versions"

    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    effective_from: Mapped[date] = mapped_column(Date)
    zone: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(CHAR(3))
    working_weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    holidays: Mapped[list[date]] = mapped_column(ARRAY(Date))
    extra_working_days: Mapped[list[date]] = mapped_column(ARRAY(Date))
