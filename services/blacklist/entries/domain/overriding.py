"""An exception to a ban that holds in principle: for one programme year, with reason and evidence (L07). Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.blacklist.entries.domain.appealing import in_force
from services.blacklist.entries.domain.case import Entry
from services.blacklist.entries.domain.deciding import Refused, need_words
from shared.events.blacklist import BanEvent, BanOverridden


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """The year in which the person may take part all the same, why, and which kinds of evidence were seen."""

    policy_key: str
    words: str
    evidence: Sequence[str]


def override(entry: Entry, ask: Ask, principal: str, now: datetime) -> list[BanEvent]:
    """Except one programme year from a ban.

    Errors: Refused words-missing, not-in-force, ban-absolute, override-evidence-missing, already-overridden.
    """
    need_words(ask.words)
    rule = entry.rule.ban.override
    if not in_force(entry, now):
        raise Refused("not-in-force", state=entry.state)
    if rule is None or entry.rule.ban.force != "in_principle":
        raise Refused("ban-absolute")
    if missing := [kind for kind in rule.evidence if kind not in ask.evidence]:
        raise Refused(
            "override-evidence-missing", missing=[entry.rule.terms.called("evidence", kind) for kind in missing]
        )
    if ask.policy_key in entry.overridden:
        raise Refused("already-overridden")
    return [BanOverridden(entry_id=entry.entry_id, person_id=entry.person_id, policy_key=ask.policy_key,
                          overridden_at=now, decided_by=principal)]  # fmt: skip
