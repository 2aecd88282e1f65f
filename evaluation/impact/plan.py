"""The plan of a study, fixed before the quarter closes, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from evaluation.impact.pseudo_index import POOL
from evaluation.impact.windows import MIN_FOLLOW_UP_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything chosen by people, nothing learnt from data. Costs are pounds for each event, by
    measure.
    """

    measure: str
    window_days: int
    model: tuple[str, ...]
    seed: int
    rule: str | None = None
    # Whom the expected number is learnt from, and which list of one year earlier is among them, if any.
    pool: tuple[str, ...] = POOL
    last_year: str | None = None
    costs: Mapping[str, float] = field(default_factory=dict)
    min_follow_up_days: int = MIN_FOLLOW_UP_DAYS

    @property
    def hash(self) -> str:
        """SHA-256 of the plan written as JSON with sorted keys: the same choices always give the same
        hash.
        """
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """The plan and its hash, ready for JSON."""
        return {**asdict(self), "model": list(self.model), "pool": list(self.pool), "hash": self.hash}
