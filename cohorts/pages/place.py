"""Where on a list the lead is: which decision, which people, in which order, which page. Kept in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, QuerySet

from cohorts.models import LEFT_BEHIND, Benefit, CohortRule, ScreeningDecision

UNDECIDED, ACCEPTED, DECLINED, ALL = "undecided", "accepted", "declined", "all"
SHOWN: dict[str, dict[str, Any]] = {
    UNDECIDED: {"screening": None},
    ACCEPTED: {"screening__decision": ScreeningDecision.ACCEPT},
    DECLINED: {"screening__decision": ScreeningDecision.DECLINE},
    ALL: {},
}
AGES: dict[str, tuple[str, dict[str, Any]]] = {
    "under-25": ("Under 25", {"age__lt": 25}),
    "25-44": ("25 to 44", {"age__range": (25, 44)}),
    "45-64": ("45 to 64", {"age__range": (45, 64)}),
    "65": ("65 or over", {"age__gte": 65}),
    "unknown": ("Not supplied", {"age": None}),
}
NOT_SAID = "not-said"
BENEFITS = {**{str(value): str(label) for value, label in Benefit.choices}, NOT_SAID: "Not looked at yet"}
ORDERS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "rank": ("Most attendances", ("rank",)),
    "benefit": ("Likely to benefit", (F("benefit").asc(nulls_last=True), "rank")),
    "newest": ("Newest attendance", (F("last_on").desc(nulls_last=True), "rank")),
}


@dataclass(frozen=True)
class Place:
    """What an address says of a list; what makes no sense in it is as if it were not said."""

    show: str = UNDECIDED
    tier: str = ""
    age: str = ""
    benefit: str = ""
    order: str = "rank"
    page: str = ""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Place":
        """From the query of an address."""
        allowed: dict[str, Any] = {"show": SHOWN, "age": AGES, "benefit": BENEFITS, "order": ORDERS}
        found = {name: said[name] for name, values in allowed.items() if said.get(name) in values}
        page = said.get("page", "")
        return cls(
            **found,
            tier=said.get("tier", "")[:40],
            page=page if page.isascii() and page.isdigit() and len(page) < 6 else "",
        )

    @property
    def narrows(self) -> bool:
        """Whether it shows only some of those with the decision."""
        return bool(self.tier or self.age or self.benefit)

    @property
    def query(self) -> str:
        """For an address: only what differs from the first look at a list, and always which decision."""
        said = {name: getattr(self, name) for name in ("tier", "age", "benefit", "page")}
        said["order"] = "" if self.order == "rank" else self.order
        return urlencode({"show": self.show, **{name: value for name, value in said.items() if value}})

    def at(self, page: int) -> "Place":
        """The same on another page."""
        return replace(self, page=str(page) if page > 1 else "")

    def find(self, candidates: QuerySet, rule: CohortRule) -> QuerySet:
        """The candidates it shows, in its order. They need `with_benefit`."""
        found = candidates.filter(~LEFT_BEHIND, **SHOWN[self.show])
        if tier := next((each for each in rule.tiers if each["name"] == self.tier), None):
            found = found.filter(count__gte=tier["from"])
            found = found.filter(count__lte=tier["to"]) if "to" in tier else found
        if self.age:
            found = found.filter(**AGES[self.age][1])
        if self.benefit:
            found = found.filter(benefit=None if self.benefit == NOT_SAID else int(self.benefit))
        return found.order_by(*ORDERS[self.order][1])

    def choices(self, rule: CohortRule) -> list[dict[str, Any]]:
        """The selects of the page: name, label, options, and which of them is chosen."""
        tiers = {each["name"]: each["name"] for each in rule.tiers}
        every = [
            ("tier", "Tier", {"": "All tiers", **tiers} if tiers else {}),
            ("age", "Age", {"": "All ages", **{name: words for name, (words, _) in AGES.items()}}),
            ("benefit", "Likely to benefit", {"": "Everyone", **BENEFITS}),
            ("order", "First on the page", {name: words for name, (words, _) in ORDERS.items()}),
        ]
        return [
            {"name": name, "label": label, "options": options, "chosen": getattr(self, name)}
            for name, label, options in every
            if options
        ]
