"""What the check of the containers makes of its figures."""

from pathlib import Path

import pytest

from deploy.containers.check import figures
from deploy.containers.check.blows import Blow
from deploy.containers.check.figures import Figures


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Figures:
    monkeypatch.setattr(figures, "STATE", tmp_path)
    monkeypatch.setattr(figures, "PAGE", tmp_path / "operations" / "page.md")
    return Figures(
        engine="Docker 1",
        images={"BASE_IMAGE": "python:3.11"},
        story={"checks": 3, "seconds": 9.5},
        replicas={"notify": ["1", "2"]},
        blows=[Blow("kill", "notify-2", 10.0, 4.0), Blow("kill", "kafka-1", 20.0, 8.0), Blow("restart", "notify-1", 30.0, 3.0)],
        load={"answers": [5.0, 11.0, 19.0, 31.0], "wrong": {}, "counted": {
            "places": 7, "selected events": 7, "reporting rows": 7, "opened events": 2, "messages": 14, "doubted": 0}},
    )  # fmt: skip


def test_a_span_counts_when_a_command_was_answered_in_it(found: Figures) -> None:
    assert (found.spans(), found.gap()) == (1, 12.0)
    found.load["answers"].append(29.0)
    assert (found.spans(), found.gap()) == (2, 10.0)


def test_the_page_is_written_when_everything_holds(found: Figures) -> None:
    found.expect(holds=True, what="this")
    found.write()
    page = figures.PAGE.read_text()
    assert "7 = 7 = 7" in page
    assert "notify-2, kafka-1" in page
    assert "6.0 s (median), 8.0 s (longest)" in page


def test_a_failed_run_leaves_the_page_as_it_was_and_says_what_is_wrong(found: Figures) -> None:
    found.expect(holds=False, what="a volume was left")
    found.write()
    assert not figures.PAGE.exists()
    assert "a volume was left" in (figures.PAGE.parents[1] / "compose-check.json").read_text()
