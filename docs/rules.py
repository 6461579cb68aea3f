"""Which rules the tests prove: ``python -m docs.rules`` prints each with its tests, ``--check`` refuses mistakes.

Reads docs/rules.md and the marks ``@pytest.mark.rule("D04")`` out of the tests' syntax trees; runs nothing.
"""

import ast
import re
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
ROW: Final = re.compile(
    r"\| (?P<id>[A-Z][0-9]{2}) \| (?P<text>.+?) \| (?P<source>.+?) \| (?P<owner>.+?) \|(?P<mark>.*)\|"
)
CARRIED: Final = "tests/unit/shared/policy/"
MOST: Final = 3  # a test that claims more rules than this proves none of them well


@dataclass(frozen=True)
class Rule:
    """One row of docs/rules.md; ``mark`` is empty, ``info`` or ``text only``."""

    id: str
    text: str
    source: str
    owner: str
    mark: str


@dataclass(frozen=True)
class Proof:
    """One test, or one case of a parametrised test, with the rule ids that it carries."""

    name: str
    ids: tuple[str, ...]


def rules(text: str) -> list[Rule]:
    """The rows of the tables, in their order."""
    matches = (ROW.fullmatch(line.strip()) for line in text.splitlines())
    return [Rule(m["id"], m["text"], m["source"], m["owner"], m["mark"].strip()) for m in matches if m]


def _is_mark(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule"


def _ids(mark: ast.AST) -> tuple[str, ...]:
    """The ids of a mark; what is not written out as text stands as its source, which no rule is called."""
    args = mark.args if isinstance(mark, ast.Call) else []
    return tuple(str(a.value) if isinstance(a, ast.Constant) else ast.unparse(a) for a in args)


def _inside(nodes: Iterable[ast.AST]) -> list[tuple[str, ...]]:
    return [_ids(found) for node in nodes for found in ast.walk(node) if _is_mark(found)]


def _joined(marks: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for mark in marks for name in mark))


def _test(node: ast.FunctionDef | ast.AsyncFunctionDef, where: str, above: tuple[str, ...]) -> Iterator[Proof]:
    own = [decorator for decorator in node.decorator_list if _is_mark(decorator)]
    cases = _inside(decorator for decorator in node.decorator_list if not _is_mark(decorator))
    ids = _joined([above, *map(_ids, own)])
    if ids:
        yield Proof(f"{where}::{node.name}", ids)
    for number, case in enumerate(cases, start=1):
        yield Proof(f"{where}::{node.name}[case {number}]", _joined([ids, case]))


def _body(body: Iterable[ast.stmt], where: str, above: tuple[str, ...]) -> Iterator[Proof]:
    statements = list(body)
    shared = [s for s in statements if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == "pytestmark"]
    above = _joined([above, *_inside(shared)])
    for node in statements:
        if isinstance(node, ast.ClassDef):
            yield from _body(node.body, f"{where}::{node.name}", _joined([above, *_inside(node.decorator_list)]))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield from _test(node, where, above)


def proofs(folder: Path) -> list[Proof]:
    """Every marked test below a folder, named as pytest names it from the folder's parent."""
    files = sorted(folder.rglob("test_*.py"))
    trees = ((ast.parse(path.read_text("utf-8")), path.relative_to(folder.parent).as_posix()) for path in files)
    return [proof for tree, where in trees for proof in _body(tree.body, where, ())]


def mistakes(known: list[Rule], found: list[Proof]) -> list[str]:
    """What ``--check`` refuses, one sentence each."""
    uses = Counter(rule.id for rule in known)
    said = [f"docs/rules.md: {name} stands {count} times; keep one row." for name, count in uses.items() if count > 1]
    for proof in found:
        unknown = [name for name in proof.ids if name not in uses]
        said += [f"{proof.name}: {name} is no rule of docs/rules.md; correct the mark." for name in unknown]
        if len(proof.ids) > MOST:
            said.append(
                f"{proof.name}: carries {len(proof.ids)} rules; split it so that each test carries at most {MOST}."
            )
    return said


def listing(known: list[Rule], found: list[Proof]) -> Iterator[str]:
    """Each rule with the tests that prove it, and the count at the end."""
    states: Counter[str] = Counter()
    for rule in known:
        tests = [proof.name for proof in found if rule.id in proof.ids]
        states[state := state_of(rule, tests)] += 1
        yield f"{rule.id}  [{state}]  {rule.text}"
        yield from (f"       {name}" for name in tests)
    yield f"{len(known)} rules: " + ", ".join(f"{count} {state}" for state, count in states.most_common())


def state_of(rule: Rule, tests: list[str]) -> str:
    """``carried``: a policy file holds the rule, checked and readable, and no service acts on it yet."""
    if not tests:
        return rule.mark or "not yet"
    return "carried" if all(name.startswith(CARRIED) for name in tests) else "acted on"


def main(arguments: list[str]) -> int:
    """Prints, or checks; 1 when a mark is wrong."""
    known, found = rules((ROOT / "docs/rules.md").read_text("utf-8")), proofs(ROOT / "tests")
    said = mistakes(known, found)
    if "--check" not in arguments:
        print("\n".join(listing(known, found)))
    if said:
        print("\n".join(said), file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader such as head may have seen enough
    sys.exit(main(sys.argv[1:]))
