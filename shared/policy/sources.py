"""Where a programme year comes from: documents, annexes, named outside systems; lists of persons and vocabularies."""

from datetime import date
from typing import Annotated, Literal

from shared.policy.common import Key, Noted, ProjectRef, Text, UnitCode, Words, ref


class IssuedBy(Noted, frozen=True, kw_only=True, omit_defaults=True):
    unit: UnitCode
    names: Text


class SourceDocument(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A document that the programme year rests on or cites."""

    key: Key
    kind: Literal["basis", "annex", "under", "cited", "standard", "form"]
    names: Text
    number: str | None = None
    annex_of: Annotated[str, ref("source")] | None = None
    issued_by: IssuedBy | None = None
    addressed_to: Text | None = None
    signed: date | None = None
    printed: date | None = None
    disclosure: Text | None = None
    parts: Words | None = None


class Annex(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A table that the notice refers to. ``at_hand`` false: its numbers are missing and stand-ins are synthetic."""

    key: Key
    kind: Literal["quota_table", "institution_list", "contacts"]
    number: int
    projects: Literal["all"] | tuple[ProjectRef, ...]
    at_hand: bool = False
    names: Text | None = None
    aliases: Words | None = None


class OutsideSystem(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A named site outside; adapters only."""

    key: Key
    names: Text
    aliases: Words | None = None
    used_for: tuple[str, ...]


class Previous(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """The year before, and its policy key where it is held here."""

    year: int
    policy: str | None


class Sources(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """``expect_quota_tables`` counts those annexes that are tables of places (Q02)."""

    documents: tuple[SourceDocument, ...]
    annexes: tuple[Annex, ...]
    systems: tuple[OutsideSystem, ...]
    previous: Previous | None
    expect_quota_tables: int | None = None


class Organisation(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """An institution that the notice names; ``unit`` null: none of the units here."""

    key: Key
    names: Text
    unit: UnitCode | None


class PersonList(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A list of persons, organisations or units whose members are imported. ``status``: states of a managed list."""

    key: Key
    of: Literal["persons", "organisations", "units"]
    names: Text
    members: Literal["imported"]
    may_lack: tuple[str, ...] = ()
    status: tuple[Key, ...] = ()


class Term(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """A word of a vocabulary: a role or an activity."""

    key: Key
    names: Text


class Terms(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What people read in place of the file's own keys: who runs a class, why one moves, proofs, contents of documents.

    ``properties`` are what conditions ask for: kinds of school, stages, subjects, titles, marks.
    """

    staff_roles: tuple[Term, ...] = ()
    change_causes: tuple[Term, ...] = ()
    evidence: tuple[Term, ...] = ()
    contents: tuple[Term, ...] = ()
    properties: tuple[Term, ...] = ()

    def called(self, table: str, key: str) -> Text:
        """The names of a key; the key itself in a year that was published before names were asked for."""
        named = {term.key: term.names for term in getattr(self, table)}
        return named.get(key) or Text(zh=key, en=key)


class Statement(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody attests by name and time."""

    key: Key
    text: Text


class Saying(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """What the notice says and nothing acts on."""

    key: Key
    text: Text
