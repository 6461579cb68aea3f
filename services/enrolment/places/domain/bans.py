"""Whether a ban stands between a person and a place (L12): blacklist computed the ranges, here they are looked up."""

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from services.enrolment.places.domain.place import Refusal


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One range of a confirmed entry, ``[starts_on, ends_before)``; empty forms mean any form.

    ``waived``: policy keys of the years for which the province excepted it (L07).
    """

    entry_id: str
    person_id: str
    plan_levels: list[str]
    forms: list[str]
    starts_on: date
    ends_before: date
    waived: list[str] = []

    @property
    def last_day(self) -> date:
        """The last day that is barred."""
        return self.ends_before - timedelta(days=1)

    def covers(self, plan_level: str, forms: Iterable[str], on: date) -> bool:
        """Whether a class of this kind that starts on this day is barred; one of its forms is enough."""
        in_scope = plan_level in self.plan_levels and (not self.forms or not set(self.forms).isdisjoint(forms))
        return in_scope and self.starts_on <= on < self.ends_before


def blocking(bars: Iterable[Bar], plan_level: str, forms: Iterable[str], on: date, policy_key: str = "") -> Bar | None:
    """The bar that ends last among those that cover the class and are not waived for its year, if any."""
    forms = list(forms)
    held = (b for b in bars if policy_key not in b.waived and b.covers(plan_level, forms, on))
    return max(held, key=lambda b: b.ends_before, default=None)


def excepted(bars: Iterable[Bar], plan_level: str, forms: Iterable[str], on: date, policy_key: str) -> bool:
    """Whether a bar covers the class and only its waiver lets the person in."""
    forms = list(forms)
    return any(policy_key in b.waived and b.covers(plan_level, forms, on) for b in bars)


def barred(key: str, bar: Bar, on: date) -> Refusal:
    """The refusal of a place to a banned person; names the entry and its last day."""
    return Refusal(key, "banned", {"entry_id": bar.entry_id, "last_day": bar.last_day, "starts_on": on})
