"""What is owed on paper, by whom, per what, until when."""

from typing import Annotated, Literal

from shared.policy.common import (
    CohortRef,
    ContentRef,
    Count,
    Key,
    LevelRef,
    Noted,
    ProjectRef,
    StructureRef,
    Text,
    UnitListRef,
    ref,
)


class Document(Noted, frozen=True, kw_only=True, omit_defaults=True):
    """``per: period`` is one in-person phase of a class. ``to``: an office, a system or ``institution``.

    Each of ``parts`` is a file of its own; of ``any_of`` one is enough.
    """

    key: Key
    names: Text
    owed_by: Literal["institution", "unit", "trainee", "mentor", "structure"]
    per: Literal["project", "institution", "class", "period", "person", "unit", "unit_and_project", "structure"]
    count: Count
    accept: tuple[Literal["pdf", "xlsx", "link", "entry"], ...]
    due: Annotated[str, ref("deadline", "P070")] | None
    to: Annotated[str, ref("receiver", "P070")]
    sealed: bool = False
    behind: Literal["warn"] | None = None
    parts: tuple[Key, ...] = ()
    any_of: tuple[Key, ...] = ()
    must_state: tuple[ContentRef, ...] = ()
    triggers: tuple[Key, ...] = ()
    form_from: Annotated[str, ref("system")] | None = None
    projects: tuple[ProjectRef, ...] = ()
    cohorts: tuple[CohortRef, ...] = ()
    structures: tuple[StructureRef, ...] = ()
    units: UnitListRef | None = None
    levels: tuple[LevelRef, ...] = ()
    blocks: Literal["completion"] | None = None
    tag: Literal["publicity"] | None = None
    expect_total: int | None = None
