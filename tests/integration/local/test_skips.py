import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.paths import ROOT


@pytest.mark.parametrize(("strict", "code"), [("1", pytest.ExitCode.TESTS_FAILED), ("", pytest.ExitCode.OK)])
def test_a_skip_without_leave_fails_where_everything_is_provided(tmp_path: Path, strict: str, code: int) -> None:
    (tmp_path / "test_it.py").write_text("import pytest\n\ndef test_it():\n    pytest.skip('no server')\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.skips", "--rootdir", str(tmp_path), str(tmp_path)]
    environment = {**os.environ, "SHIPEI_NO_SKIPS": strict, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert ("skipped without leave: test_it.py::test_it" in done.stdout) == bool(strict)
