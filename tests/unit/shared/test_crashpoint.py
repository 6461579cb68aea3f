import signal
import subprocess
import sys

import pytest

PROGRAM = "from shared.crashpoint import reach\nfor n in range(3): reach('relay.acked'); print(n, flush=True)"


def run(setting: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], env={"SHIPEI_CRASH": setting}, capture_output=True, text=True, check=False
    )


def test_without_the_setting_nothing_happens() -> None:
    assert (run("").returncode, run("").stdout) == (0, "0\n1\n2\n")


@pytest.mark.parametrize(
    ("setting", "printed"), [("relay.acked", ""), ("relay.acked:1", ""), ("relay.acked:3", "0\n1\n")]
)
def test_the_process_dies_at_the_nth_pass(setting: str, printed: str) -> None:
    done = run(setting)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, printed)


def test_another_point_lets_it_live() -> None:
    assert run("command.after_commit:1").returncode == 0


def test_a_point_that_does_not_exist_is_refused() -> None:
    assert "no such point 'relay.asked'" in run("relay.asked:1").stderr
