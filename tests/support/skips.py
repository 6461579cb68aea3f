"""Where everything is provided (`make test`), a skipped test is a failure unless it is allowed here by name."""

import os

import pytest

ALLOWED: dict[str, str] = {}  # test id -> why it may be skipped


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("SHIPEI_NO_SKIPS"):
        return
    skipped = [report.nodeid for report in reporter.stats.get("skipped", []) if report.nodeid not in ALLOWED]
    if skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("")
        reporter.write_line("skipped without leave: " + ", ".join(skipped), red=True)
