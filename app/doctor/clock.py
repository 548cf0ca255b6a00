"""The clock: Telegram refuses messages from the future, schedules rest on it."""

from app.doctor.finding import Finding, bad, good, poor
from core.trusted_clock import AGREEMENT

NOTICEABLE_SECONDS = 3.0
WRONG_SECONDS = 25.0


def look_at_clock(name: str, offset: float) -> Finding:
    """Judge by how many seconds this machine is ahead of another clock."""
    direction = "ahead of" if offset > 0 else "behind"
    detail = f"this machine is {abs(offset):.0f} s {direction} it"
    advice = "Set the clock: sudo timedatectl set-ntp true"
    if abs(offset) > AGREEMENT:
        advice += ". Until then schedules, retention and clean-up wait"
    if abs(offset) >= WRONG_SECONDS:
        return bad(name, detail, advice)
    if abs(offset) >= NOTICEABLE_SECONDS:
        return poor(name, detail, advice)
    return good(name, "agrees with this machine's")
