"""Columns that many tables of auth have."""

from datetime import datetime

from sqlalchemy import Column

from backend.kit.database import UtcDateTime


def time_column(*, nullable: bool = False, index: bool = False) -> Column[datetime]:
    """A time in UTC."""
    return Column(UtcDateTime, nullable=nullable, index=index)
