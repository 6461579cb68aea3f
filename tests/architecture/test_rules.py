"""docs/rules.md and the marks that quote it."""

from pathlib import Path

import pytest

from docs.rules import ROOT, Proof, listing, main, mistakes, proofs, rules

KNOWN = rules((ROOT / "docs/rules.md").read_text("utf-8"))
SAMPLE = """
import pytest

pytestmark = pytest.mark.rule("D01")


class TestDeadlines:
    @pytest.mark.rule("D04", "D05")
    async def test_derived(self): ...


@pytest.mark.parametrize("day", [pytest.param(1, marks=pytest.mark.rule("L08")), 2])
def test_days(day): ...


@pytest.mark.rule("D02", "D03", "Z99")
def test_too_much(): ...


@pytest.mark.rule("D02")
def helper(): ...
"""


def test_there_are_163_rules_each_with_a_sentence_a_source_and_an_owner() -> None:
    assert len({rule.id for rule in KNOWN}) == len(KNOWN) == 163
    assert all(rule.text.endswith(".") and rule.source and rule.owner for rule in KNOWN)
    assert {rule.mark for rule in KNOWN} == {"", "info", "text only"}
    assert sum(bool(rule.mark) for rule in KNOWN) == 10


def test_marks_of_this_repository_name_known_rules_and_at_most_three() -> None:
    assert mistakes(KNOWN, proofs(ROOT / "tests")) == []


def test_policies_and_code_quote_known_rules_only() -> None:
    import yaml

    ids = {rule.id for rule in KNOWN}

    def quoted(node: object) -> set[str]:
        if isinstance(node, dict):
            own = node.get("rules")
            here = set(own) if isinstance(own, list) and all(isinstance(name, str) for name in own) else set()
            return here.union(*map(quoted, node.values()))
        return set().union(*map(quoted, node)) if isinstance(node, list) else set()

    for path in (ROOT / "deploy/policies").glob("*.yaml"):
        assert quoted(yaml.safe_load(path.read_text("utf-8"))) <= ids, path.name


def test_marks_are_read_off_functions_classes_modules_and_cases(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_sample.py").write_text(SAMPLE)
    assert proofs(tmp_path / "tests") == [
        Proof("tests/test_sample.py::TestDeadlines::test_derived", ("D01", "D04", "D05")),
        Proof("tests/test_sample.py::test_days", ("D01",)),
        Proof("tests/test_sample.py::test_days[case 1]", ("D01", "L08")),
        Proof("tests/test_sample.py::test_too_much", ("D01", "D02", "D03", "Z99")),
    ]


def test_check_refuses_unknown_ids_more_than_three_and_double_rows() -> None:
    said = mistakes([*KNOWN, KNOWN[0]], [Proof("tests/x.py::test_x", ("D02", "D03", "D04", "Z99"))])
    assert said == [
        "docs/rules.md: D01 stands 2 times; keep one row.",
        "tests/x.py::test_x: Z99 is no rule of docs/rules.md; correct the mark.",
        "tests/x.py::test_x: carries 4 rules; split it so that each test carries at most 3.",
    ]


def test_the_listing_tells_acted_on_from_carried_and_open() -> None:
    carried = "tests/unit/shared/policy/test_x.py::test_y"
    lines = list(listing(KNOWN, [Proof("tests/x.py::test_x", ("D04",)), Proof(carried, ("D04", "D05"))]))
    parts = [part.split(" ", 1) for part in lines[-1].removeprefix("163 rules: ").split(", ")]
    count = {state: int(number) for number, state in parts}
    assert (count["acted on"], count["carried"]) == (1, 1)
    assert sum(count.values()) == len(KNOWN) == 163
    assert lines[lines.index("       tests/x.py::test_x") - 1].startswith("D04  [acted on]  The check-in notice")
    assert any(line.startswith("D05  [carried]") for line in lines)
    assert any(line.startswith("P12  [info]") for line in lines)


def test_the_command_prints_and_checks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "163 rules:" in capsys.readouterr().out
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""
