"""The stranger's reader knows nothing of the project: not by its imports, and not when it runs."""

import ast
import sys
from pathlib import Path

from deploy.demo import stranger
from tests.support import alone

PACKAGE = Path(stranger.__file__).parent
USAGE_ERROR = 2


def imported(source: str) -> set[str]:
    """Top names of all that a file of a package imports, anywhere in it; ``.`` is the package, ``..`` what is around it."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = {"." * node.level or node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name if name.startswith(".") else name.partition(".")[0] for name in plain | named}


def test_it_imports_one_library_and_the_standard_library() -> None:
    files = sorted(PACKAGE.glob("*.py"))
    assert len(files) > 1
    assert set().union(*(imported(f.read_text()) for f in files)) - sys.stdlib_module_names == {".", "aiokafka"}
    assert imported("from .. import ledger\ndef f():\n    import shared.policy") == {"..", "shared"}


def test_it_runs_where_nothing_else_is_installed(tmp_path: Path) -> None:
    folder = alone.beside(tmp_path / "only", PACKAGE, "aiokafka")
    done = alone.run(folder, "-m", "stranger")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        USAGE_ERROR,
        "usage: stranger [-h] [--forbidden FORBIDDEN] kafka prefix",
    )
    assert "No module named 'shared'" in alone.run(folder, "-c", "import shared.texts").stderr
