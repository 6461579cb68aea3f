"""The repository's shape: fixed names, pure domains, text in text files, no policy number in code."""

import ast
import http
import re
import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from shared.policy import load
from shared.policy.quota import PoolQuota

ROOT = Path(__file__).parents[2]
SERVICES = ("enrolment", "notify", "reporting", "blacklist")
TOP = {"services", "shared", "deploy", "tests", "docs", "bench", ".ci", "docker-compose.yml", "Makefile", "README.md",
       "README.zh-CN.md", "LICENSE", "pyproject.toml", "requirements.txt", "requirements-dev.txt", "package.json",
       "package-lock.json", ".gitignore", ".dockerignore", ".env.example"}  # fmt: skip
IN_SERVICE = {"__init__.py", "__main__.py", "app.py", "settings.py", "subscribers.py", "jobs.py", "texts.yaml",
              "README.md", "migrations"}  # fmt: skip
IN_FEATURE = {"__init__.py", "domain.py", "domain", "service.py", "store.py", "queries.sql", "routes.py", "pages.py",
              "templates"}  # fmt: skip
PURE = {"__future__", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "hashlib",
        "hmac", "itertools", "math", "operator", "re", "string", "typing", "types", "unicodedata", "msgspec", "zoneinfo",
        "uuid", "calendar", "bisect", "base64", "binascii"}  # fmt: skip
NOTICES = [ROOT / "deploy" / "policies" / f"{key}.yaml" for key in ("henan-2021", "zhengzhou-2022")]
HAN = re.compile(r"[\u3400-\u9fff]")
EXCEPTED = re.compile(r"#.*\b(?:noqa|type: ignore)\b")
WITH_REASON = re.compile(r"(?:noqa: [A-Z0-9]+(?:, ?[A-Z0-9]+)*\b|type: ignore\[[^\]]+\])\W+\w")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT, capture_output=True, check=True
    )
    return [ROOT / line for line in listed.stdout.decode().splitlines() if (ROOT / line).is_file()]


def feature_folders(service: str) -> list[Path]:
    folder = ROOT / "services" / service
    return [p for p in sorted(folder.iterdir()) if p.is_dir() and p.name not in {"migrations", "__pycache__"}]


def test_top_level_is_fixed() -> None:
    assert {p.relative_to(ROOT).parts[0] for p in tracked()} <= TOP


@pytest.mark.parametrize("service", SERVICES)
def test_services_have_the_same_file_names(service: str) -> None:
    files = {p.name for p in (ROOT / "services" / service).iterdir() if p.is_file()}
    assert files <= IN_SERVICE
    assert {"app.py", "settings.py", "__main__.py", "README.md", "texts.yaml"} <= files
    for feature in feature_folders(service):
        names = {p.name for p in feature.iterdir()} - {"__pycache__"}
        assert names <= IN_FEATURE, f"{feature}: {sorted(names - IN_FEATURE)}"


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_are_numbered_without_a_gap(service: str) -> None:
    names = sorted(p.name for p in (ROOT / "services" / service / "migrations").glob("*.sql"))
    assert [int(n.split("_")[0]) for n in names] == list(range(1, len(names) + 1))


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module or "")
    return found


def domains() -> list[Path]:
    files = [p for s in SERVICES for f in feature_folders(s) for p in [f / "domain.py", *(f / "domain").glob("*.py")]]
    return [p for p in files if p.exists()]


def test_domains_are_pure() -> None:
    assert len(domains()) >= len(SERVICES)
    for path in domains():
        own = f"services.{path.relative_to(ROOT).parts[1]}."
        foreign = {m for m in imported(path) if m.split(".")[0] not in PURE
                   and not m.startswith(("shared.envelope", "shared.events", "shared.policy"))
                   and not (m.startswith(own) and ".domain" in m)}  # fmt: skip
        assert not foreign, f"{path}: {sorted(foreign)}"
        calls = re.findall(r"\b(?:datetime\.now|date\.today|time\.time|uuid4|random\.)\b", path.read_text())
        assert not calls, f"{path}: {calls}"


def test_chinese_stands_in_text_files() -> None:
    files = [p for p in tracked("*.py") if p.relative_to(ROOT).parts[0] != "tests"]
    assert not [p for p in files if HAN.search(p.read_text())]


DATED = re.compile(r"\b20(19|2[0-9])\b|\b(?:41\d{4})\b|henan|zhengzhou|河南|郑州", re.IGNORECASE)
ABOUT_PLACES = re.compile(
    r"(?<![a-z])(?:quota|places?|nominat\w+|nominees?|shares?|pools?|selected|chosen)(?![a-z])", re.IGNORECASE
)
STATUSES = {status.value for status in http.HTTPStatus}
COMMON = 100  # below it a number says nothing about where it comes from


def quota_numbers() -> set[str]:
    """How many places and nominations the notices state themselves, and the ratio of the two: what is distinctive of it."""
    cohorts = [c for path in NOTICES for p in load(path.read_text()).projects for c in p.cohorts]
    quotas = [c.quota for c in cohorts if not getattr(c.quota, "synthetic", False)]
    pots = [q.nominations for q in quotas if isinstance(q, PoolQuota) and q.nominations]
    stated = {n for q in (*quotas, *pots) for name in ("total", "each") if isinstance(n := getattr(q, name, None), int)}
    return {str(n) for n in stated - STATUSES if n >= COMMON} | {str(pot.ratio) for pot in pots}


def of_a_notice(line: str, numbers: set[str]) -> bool:
    """Whether a line holds a year, a code or a name of a notice, or speaks of places with one of its numbers."""
    found = set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", line.replace("_", "")))
    return bool(DATED.search(line) or (found & numbers and ABOUT_PLACES.search(line)))


def test_no_date_or_number_of_a_notice_stands_in_a_service() -> None:
    numbers = quota_numbers()
    for path in tracked("services/*.py", "services/*.sql", "services/*.html", "services/*.yaml"):
        hits = [line for line in path.read_text().splitlines() if of_a_notice(line, numbers)]
        assert not hits, f"{path}: {hits}"


def test_the_numbers_of_the_notices_are_found_and_no_others() -> None:
    numbers = quota_numbers()
    assert numbers == {"150", "180", "650", "1.2"}
    held = ["if year == 2021:", "issuer = '410100'", "if len(chosen) > 150:", "nominations = 180", "where places <= 650", "from: {zh: 河南教师培训}",
            "RATIO_OF_NOMINATIONS: Final = Decimal('1.2')"]  # fmt: skip
    assert [line for line in held if not of_a_notice(line, numbers)] == []
    free = [
        "height: int = 150",
        "return answer(200, places=places)",
        "TIMEOUT = 180.0",
        "places[:1500]",
        "v1.2.0 of places",
    ]
    assert [line for line in free if of_a_notice(line, numbers)] == []


def test_files_stay_short() -> None:
    limit = 300
    assert not [p for p in tracked("*.py") if len(p.read_text().splitlines()) > limit]


def test_the_project_names_no_registry_and_no_machine_path() -> None:
    pattern = re.compile(r"(/work/|/root/\.|\.shipei-farm|pypi\.org|registry\.npmjs|repo1\.maven|deb\.debian)")
    for path in tracked("*.py", "*.toml", "*.txt", "*.json", "*.yml", "*.yaml", "*.md", "Makefile", ".ci/*"):
        if path != Path(__file__):
            assert not pattern.search(path.read_text()), path


def comments(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        yield from ((t.start[0], t.string) for t in tokenize.tokenize(file.readline) if t.type == tokenize.COMMENT)


def unexplained(paths: Iterable[Path]) -> list[str]:
    """Places where a check is switched off without a word why."""
    return [
        f"{path}:{line}"
        for path in paths
        for line, comment in comments(path)
        if EXCEPTED.match(comment) and not WITH_REASON.search(comment)
    ]


def test_whoever_switches_a_check_off_says_why(tmp_path: Path) -> None:
    assert unexplained(tracked("*.py")) == []
    bare = tmp_path / "bare.py"
    bare.write_text(
        "a = 1  # noqa\nb = 2  # noqa: S101\nc = 3  # type: ignore[misc]\nd = 4  # noqa: S101  (made above)\n"
    )
    assert unexplained([bare]) == [f"{bare}:{n}" for n in (1, 2, 3)]
