"""The matrix of scope: who asks, for what, and what has to come of it. The rows stand in ``scope_matrix.yaml``."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from deploy.local.paths import SERVICES
from shared.auth import ROLES

HERE: Final = Path(__file__).with_name("scope_matrix.yaml")
Handle = Literal["unit", "institution", "person"]
Reach = Literal["refused", "outside", "inside"]
OWN: Final = {"province": "410000", "project_office": "410100", "city": "410100", "county": "410183", "inspector": "410100",
              "school": "410183-s001", "institution": "inst-001", "ops": "410000"}  # fmt: skip
SIBLING: Final = {"province": "990000", "project_office": "410400", "city": "410400", "county": "410182",
                  "inspector": "410400", "school": "410183-s002", "institution": "inst-002", "ops": "990000"}  # fmt: skip
PARENT: Final = {"project_office": "410000", "city": "410000", "county": "410100", "inspector": "410000",
                 "school": "410183", "institution": "410000"}  # fmt: skip


class Thing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a request is about, by the handles that a grant may hold it by: codes of units, and whose it is.

    ``holder``: one person's; ``member``: everyone's who has a place in the same class.
    """

    unit: str | None = None
    institution: str | None = None
    person: Literal["holder", "member"] | None = None


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of the table; the file's head tells what each member means."""

    route: str
    roles: str
    thing: str | None = None
    by: tuple[Handle, ...] = ("unit", "institution", "person")
    denies: str = ""
    answer: int = 200
    outside: int | None = None
    list: str | None = None
    shows: str | None = None
    query: str = ""
    json: Any = None
    form: dict[str, str] | None = None
    file: str | None = None
    text: str | None = None

    @property
    def public(self) -> bool:
        return self.roles == "public"

    @property
    def allowed(self) -> frozenset[str]:
        """The roles that the route names; none for anyone who is signed in."""
        return frozenset(() if self.roles in {"public", "anyone"} else self.roles.split())

    @property
    def closed(self) -> int:
        """What someone gets who may ask, but not for this: a list is empty, a thing is not there."""
        return self.outside or (200 if self.list and self.thing else 404)


class Door(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A route of the gateway or of the sink; the file tells what each member means."""

    route: str
    who: Literal["public", "session", "operator", "machine"]
    only: Literal["demo", "login"] | None = None
    answer: int = 200
    denied: str | None = None
    query: str = ""
    json: Any = None
    form: dict[str, str] | None = None


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    things: dict[str, Thing]
    doors: list[Door]
    every_service: list[Row]
    rows: list[Row]


class Asker(msgspec.Struct, frozen=True):
    """Somebody with one grant; ``where`` says how it lies to the story's own unit or person."""

    role: str
    where: str
    unit: str | None = None
    person: str | None = None

    def __str__(self) -> str:
        return f"{self.role} ({self.where})"


def table() -> Table:
    return msgspec.yaml.decode(HERE.read_bytes(), type=Table)


def all_rows(known: Table) -> Iterator[Row]:
    """Every row, those of every service written out."""
    for service in SERVICES:
        for row in known.every_service:
            method, path = row.route.split()
            yield msgspec.structs.replace(row, route=f"{method} /{service}{path}")
    yield from known.rows


def askers(people: Mapping[str, str]) -> list[Asker]:
    """Every role with a grant in its own, a sibling and the parent unit; ``people`` are ids by their part in the story."""
    lying = (("own", OWN), ("sibling", SIBLING), ("parent", PARENT))
    officers = [Asker(role, where, unit=units[role]) for where, units in lying for role in ROLES if role in units]
    teachers = [Asker("teacher", where, person=person_id) for where, person_id in people.items()]
    greedy = Asker("teacher", "greedy", person=f"{people['own']},unit:/")
    return [*officers, *teachers, greedy, Asker("service", "service"), Asker("service", "forged")]


def expected(row: Row, asker: Asker, thing: Thing | None, above: Mapping[str, str | None]) -> Reach:
    """What the rules of scope say, computed from codes alone; ``above`` gives each unit's superior."""
    if row.allowed and (asker.role not in row.allowed or asker.where == "forged"):
        return "refused"
    if thing is None:
        return "inside"
    if asker.role in row.denies.split():
        return "outside"
    held = [getattr(thing, handle) for handle in row.by]
    if asker.person is not None:
        return "inside" if asker.where in _whose(held) else "outside"
    reached = any(asker.unit in line(code, above) for code in held if code in above)
    return "inside" if asker.unit and reached else "outside"


def _whose(held: list[str | None]) -> set[str]:
    return {"own", "classmate"} if "member" in held else {"own"} if "holder" in held else set()


def line(code: str, above: Mapping[str, str | None]) -> list[str]:
    """A unit and all its superiors."""
    superior = above[code]
    return [code, *(line(superior, above) if superior else [])]
