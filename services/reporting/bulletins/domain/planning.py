"""Which tables a year's bulletin holds, and as what it is drawn here."""

import msgspec

from shared.policy import Policy


class Plan(msgspec.Struct, frozen=True):
    """The bulletin of a year. ``announced`` is False for a year whose policy announces none; ``tables`` are ranking keys.

    ``published_by`` is the code of the unit that publishes it, which may stand above the issuer; what is drawn here is
    then a ``preview`` and not the publication itself.
    """

    key: str
    zh: str
    en: str
    tables: tuple[str, ...]
    published_by: str
    drawn_here_as: str
    sections: tuple[str, ...] = ()
    announced: bool = True


def plan(policy: Policy) -> Plan:
    """The first bulletin that the policy announces; without one, a record of all rankings by the issuer itself (M07)."""
    if not policy.bulletins:
        return Plan(
            key=f"record-{policy.year}",
            zh=policy.names.zh,
            en=policy.names.en,
            tables=tuple(r.key for r in policy.rankings),
            published_by=policy.issuer,
            drawn_here_as="final",
            announced=False,
        )
    announced = policy.bulletins[0]
    return Plan(
        key=announced.key,
        zh=announced.names.zh,
        en=announced.names.en,
        tables=announced.tables,
        published_by=announced.published_by,
        drawn_here_as=announced.drawn_here_as,
        sections=announced.sections,
    )
