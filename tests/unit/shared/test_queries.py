from pathlib import Path

import pytest

from shared.db import load_queries


def written(folder: Path, text: str) -> str:
    (folder / "queries.sql").write_text(text)
    return str(folder / "module.py")


def test_each_block_is_an_attribute(tmp_path: Path) -> None:
    queries = load_queries(
        written(tmp_path, "-- of a feature\n\n-- name: one\nselect 1;\n\n-- name: two\nselect\n  2; -- a remark\n")
    )
    assert queries.one == "select 1;"
    assert queries.two == "select\n  2; -- a remark"
    assert [name for name, _ in queries] == ["one", "two"]


def test_another_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "clock.sql").write_text("-- name: tick\nselect 1")
    assert load_queries(str(tmp_path / "clock.py"), "clock.sql").tick == "select 1"


def test_an_unknown_name_says_where_it_is_missing(tmp_path: Path) -> None:
    queries = load_queries(written(tmp_path, "-- name: one\nselect 1"))
    with pytest.raises(AttributeError, match=r"queries\.sql has no query 'three'"):
        _ = queries.three


@pytest.mark.parametrize("text", ["select 1;", "-- name: a\n", "-- name: a\nselect 1;\n-- name: a\nselect 2;"])
def test_a_statement_without_a_name_of_its_own_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="each name once"):
        load_queries(written(tmp_path, text))
