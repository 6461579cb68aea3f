"""The finished story as the matrix of scope needs it: ids for the words of the rows, neighbours, and tokens for everyone."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.demo import pool
from deploy.demo.stage import COHORT, NO_SHOW, POLICIES, PROJECT, YEAR
from deploy.gateway.tokens import ALGORITHM
from deploy.local.keys import KEY_ID
from deploy.local.paths import ROOT
from deploy.local.stack import Stack
from shared.client import client
from tests.support.oracle import column
from tests.support.played import Played
from tests.support.scope_matrix import Asker, Row, Table, askers, expected, table
from tests.support.stack import stepper
from tests.support.visitor import token

UNITS: Final[dict[str, Any]] = msgspec.yaml.decode((POLICIES / "units-henan.yaml").read_text("utf-8"))
ENTRIES: Final = {entry["code"]: entry for entry in UNITS["units"]}
BLACKLIST: Final[dict[str, Any]] = msgspec.yaml.decode((ROOT / "services/blacklist/texts.yaml").read_text("utf-8"))
FILE: Final = b"no workbook and no document"


def units_file(*entries: Mapping[str, Any]) -> str:
    """A units file with these units; JSON is YAML with every text in quotes."""
    return json.dumps({**UNITS, "units": list(entries), "lists": []}, default=str)


def neighbour(code: str, kind: str, above: str | None) -> dict[str, Any]:
    return {"code": code, "system": "own", "kind": kind, "reports_to": above, "names": {"zh": code, "en": code}}


NEIGHBOURS: Final = (
    ("410000", [ENTRIES["410000"], neighbour("inst-002", "institution", "410000")]),
    ("990000", [neighbour("990000", "province", None)]),
)


def one_more_school(name: str) -> str:
    """A units file that adds a school to a county where the story does not play."""
    known = [ENTRIES[code] for code in ("410000", "410100", "410182")]
    return units_file(*known, neighbour(f"410182-{name}", "school", "410182"))


def above() -> dict[str, str | None]:
    """Each unit's superior, neighbours included."""
    everyone = [*UNITS["units"], *(entry for _, entries in NEIGHBOURS for entry in entries)]
    return {entry["code"]: entry["reports_to"] for entry in everyone}


@dataclass(frozen=True)
class World:
    """``words`` fill the rows, ``askers`` ask, ``private`` is what nobody outside may read."""

    stack: Stack
    words: Mapping[str, str]
    askers: list[Asker]
    private: list[bytes]
    table: Table
    above: Mapping[str, str | None]

    def reach(self, row: Row, asker: Asker) -> str:
        return expected(row, asker, self.table.things[row.thing] if row.thing else None, self.above)

    def bearer(self, row: Row, asker: Asker) -> str | None:
        if row.public:
            return None
        if asker.where == "service":
            return self.stack.service_token
        return token(self.stack, asker.role, unit=asker.unit, person=asker.person, name=str(asker))

    def ask(self, http: httpx.Client, row: Row, bearer: str | None, accept: str = "application/json") -> httpx.Response:
        """Send what the row says, as whoever the bearer is."""
        words = {**self.words, "once": secrets.token_hex(4), "record": "0"}
        if row.text == "{units_file}":
            words["units_file"] = one_more_school(words["once"])
        method, path = row.route.split()
        url = self.stack.urls[path.split("/")[1]] + path.format_map(words)
        headers = {"accept": accept, "idempotency-key": words["once"]}
        headers |= {"authorization": f"Bearer {bearer}"} if bearer else {}
        return http.request(method, url, params=row.query.format_map(words), headers=headers, **_sent(row, words))


def _sent(row: Row, words: Mapping[str, str]) -> dict[str, Any]:
    sent: dict[str, Any] = {"json": filled(row.json, words)} if row.json is not None else {}
    if row.text:
        sent["content"] = row.text.format_map(words).encode()
    if row.form is not None:
        sent["data"] = filled(row.form, words)
    if row.file:
        sent["files"] = {"file": (row.file, FILE)}
    return sent


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """The value with every text filled in."""
    if isinstance(value, str):
        return value.format_map(words)
    if isinstance(value, list):
        return [filled(v, words) for v in value]
    return {k: filled(v, words) for k, v in value.items()} if isinstance(value, dict) else value


def strangers(stack: Stack) -> dict[str, str]:
    """Tokens that nobody may get in with: signed by another key, and out of time."""
    claims = {"iss": "shipei-local", "sub": "x", "grants": [{"role": "province", "unit": "410000"}]}
    later, earlier = (datetime.now(UTC) + timedelta(hours=h) for h in (1, -1))
    signing = stack.plan.keys.signing_key.read_text()
    head = {"kid": KEY_ID}
    return {
        "another key": jwt.encode({**claims, "exp": later}, Ed25519PrivateKey.generate(), ALGORITHM, headers=head),
        "out of time": jwt.encode({**claims, "exp": earlier}, signing, ALGORITHM, headers=head),
        "without an end": jwt.encode(claims, signing, ALGORITHM, headers=head),
    }


@asynccontextmanager
async def prepared(played: Played) -> AsyncIterator[World]:
    """Neighbours in the tree, a mail in doubt (gone afterwards), and the ids of what the story left."""
    stack = played.stack
    async with client(60) as http:
        await _add_neighbours(http, played)
        words = await _words(http, played)
    own = played.stage.places[NO_SHOW]
    teacher = next(t for t in played.stage.people if t.name == own["name"])
    colleague = await column(stack.dsns["enrolment"].writer, "select person_id from person where person_id not in (select person_id from place)")  # fmt: skip
    people = {"own": own["person_id"], "classmate": played.stage.places[0]["person_id"], "sibling": colleague[0]}
    await _execute(stack, DOUBT, words["doubt_id"], words["attempt_id"])
    try:
        private = [text.encode() for text in teacher.private]
        yield World(stack, words, askers(people), private, table(), above())
    finally:
        await _execute(stack, "delete from attempt where attempt_id = $1", words["doubt_id"])


DOUBT: Final = """insert into attempt (attempt_id, message_id, channel, person_id, unit_path, institution_path, address,
                                       title, body, state, called_at)
                  select $1, message_id, channel, person_id, unit_path, institution_path, address, title, body, 'in_doubt', called_at
                  from attempt where attempt_id = $2"""


async def _execute(stack: Stack, statement: str, *arguments: str) -> None:
    con = await asyncpg.connect(stack.dsns["notify"].writer)
    try:
        await con.execute(statement, *arguments)
    finally:
        await con.close()


async def _add_neighbours(http: httpx.AsyncClient, played: Played) -> None:
    for code, entries in NEIGHBOURS:
        headers = {
            "authorization": f"Bearer {token(played.stack, 'province', unit=code)}",
            "idempotency-key": secrets.token_hex(4),
        }
        url = f"{played.stack.urls['enrolment']}/enrolment/units:import"
        (await http.post(url, content=units_file(*entries).encode(), headers=headers)).raise_for_status()
    await stepper(http, played.stack).settle()


async def _unit_list(http: httpx.AsyncClient, stack: Stack) -> str:
    """A county's list that names a school as it stands on record: there is nothing to confirm."""
    school = ENTRIES["410183-s001"]["names"]["zh"]
    content = f"单位代码,单位名称,类别,上级代码\n410183-s001,{school},乡镇学校,410183\n".encode()
    headers = {
        "authorization": f"Bearer {token(stack, 'city', unit='410100')}",
        "idempotency-key": secrets.token_hex(4),
    }
    address = f"{stack.urls['enrolment']}/enrolment/units/410183/lists"
    answer = await http.post(address, headers=headers, files={"file": ("units.csv", content)})
    return str(answer.raise_for_status().json()["list_id"])


async def _commission(http: httpx.AsyncClient, stack: Stack) -> str:
    """That the story's institution carries the story's project; given once however often it is asked for."""
    bearer = f"Bearer {token(stack, 'province', unit='410000')}"
    headers = {"authorization": bearer, "idempotency-key": secrets.token_hex(4)}
    url, form = f"{stack.urls['enrolment']}/enrolment", {"programme": YEAR, "project": PROJECT, "institutions": ["inst-001"]}  # fmt: skip
    (await http.post(f"{url}/commissions", headers=headers, json=form)).raise_for_status()
    answer = await http.get(f"{url}/programmes/{YEAR}/commissions", headers={"authorization": bearer})
    return str(answer.raise_for_status().json()["commissions"][0]["commission_id"])


async def _words(http: httpx.AsyncClient, played: Played) -> dict[str, str]:
    stack, own = played.stack, played.stage.places[NO_SHOW]
    headers = {"authorization": f"Bearer {token(stack, 'teacher', person=own['person_id'])}"}
    address = f"{stack.urls['enrolment']}/enrolment/places/{own['place_id']}/checkin-code"
    code = (await http.get(address, headers=headers)).raise_for_status().json()
    papers = await column(stack.dsns["enrolment"].writer, "select document_id from document")
    mails = await column(stack.dsns["notify"].writer, "select attempt_id from attempt where person_id = $1 and channel = 'email'", own["person_id"])  # fmt: skip
    entry = next(e for e in played.stage.found["entries"] if e["person_id"] == own["person_id"])
    return {
        "use": "year-end-evaluation", "bulletin_id": played.stage.found["bulletins"][0], "person": own["person_id"], "name": own["name"], "place_id": own["place_id"], "place_mark": own["place_id"][:8],
        "class_id": played.stage.class_id, "entry_id": entry["entry_id"], "job_id": played.stage.found["zhengzhou_import"],
        "document_id": papers[0], "attempt_id": mails[0], "doubt_id": secrets.token_hex(8), "token": code["token"],
        "list_id": await _unit_list(http, stack), "inspection_id": played.stage.found["inspection"], "commission_id": await _commission(http, stack), "cause": BLACKLIST["cause"]["no_show"]["zh"],
        "key": YEAR, "policy_key": YEAR, "scope": PROJECT, "cohort": COHORT, "code": "410183-s001", "pool": pool.COHORT,
        "listed": "provincial-candidates",
        "policy": (POLICIES / f"{YEAR}.yaml").read_text("utf-8"),
    }  # fmt: skip
