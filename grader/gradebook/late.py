"""What handing in late costs."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

_DAY = timedelta(days=1)


def with_zone(moment: object) -> object:
    """Return a date and time without a zone as one of this machine's zone, anything else as it is."""
    return moment.astimezone() if isinstance(moment, datetime) and moment.tzinfo is None else moment


class LatePolicy(BaseModel):
    """When an assignment is due and what being late costs.

    Within `grace_minutes` nothing is late. After that every begun day since `due` costs the share `penalty_per_day` of the assignment's points
    (0.1 is a tenth); a mark never falls below 0. What comes more than `max_days` late is worth nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    due: Annotated[AwareDatetime, BeforeValidator(with_zone)]
    grace_minutes: int = Field(default=0, ge=0)
    penalty_per_day: float = Field(default=0.0, ge=0, le=1)
    max_days: int | None = Field(default=None, ge=0)

    def days_late(self, handed_in: datetime) -> int:
        """Return the number of begun days after the due date, 0 within the grace."""
        late = handed_in.astimezone(UTC) - self.due.astimezone(UTC)
        return 0 if late <= timedelta(minutes=self.grace_minutes) else -(-late // _DAY)

    def penalty(self, handed_in: datetime, *, points: float, score: float) -> float:
        """Return what is taken off a score, in points: at most the score."""
        days = self.days_late(handed_in)
        if self.max_days is not None and days > self.max_days:
            return score
        return max(0.0, min(score, days * self.penalty_per_day * points))
