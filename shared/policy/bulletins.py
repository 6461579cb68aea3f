"""Published tables, and the years that are set beside each other."""

from typing import Annotated, Literal

from shared.policy.common import Key, Noted, Text, UnitCode, ref


class Bulletin(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A frozen publication of rankings (M07, M08); a superior of the issuer may be the one who publishes it."""

    key: Key
    names: Text
    tables: tuple[Annotated[str, ref("ranking")], ...]
    every: Literal["year"]
    published_by: UnitCode
    drawn_here_as: Literal["preview", "final"]
    frozen: bool
    restatement: Literal["with_reason"]
    sections: tuple[Literal["on_time", "quality", "quantity", "evaluation"], ...]


class Trends(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """How many earlier years stand beside this one (P14)."""

    years_back: int
