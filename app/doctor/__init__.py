"""What `telecrew doctor` looks at, and what to do about each failure."""

from app.doctor.examination import examine
from app.doctor.finding import Finding, State

__all__ = ["Finding", "State", "examine"]
