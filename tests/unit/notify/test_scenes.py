"""Whose phone stands in a message."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.notify.scenes.service import who_answers


def unit(level: str | None, kind: str) -> Any:
    return SimpleNamespace(level=level, kind=kind)


KNOWN: Any = SimpleNamespace(
    classes={"c": SimpleNamespace(institution_id="i")},
    documents={},
    entries={},
    units={"h": unit("province", "province"), "z": unit("city", "city"), "i": unit(None, "institution"), "s": unit("school", "school")},
    programmes={"henan-2021": SimpleNamespace(issuer_unit_id="h")},
)  # fmt: skip


@pytest.mark.parametrize(
    ("recipient", "path", "first"),
    [("i", "/h/i/", "h"), ("s", "/h/z/s/", "i"), ("z", "/h/z/", "i")],
)
def test_a_unit_is_told_the_phone_of_another(recipient: str, path: str, first: str) -> None:
    row: Any = SimpleNamespace(class_id="c", subject_id="", recipient_kind="unit", recipient_id=recipient, unit_id=recipient,
                               unit_path=path, template="document-unit", policy_key="henan-2021")  # fmt: skip
    named = list(who_answers(row, KNOWN))
    assert named[0] == first
    assert recipient not in named


def test_the_issuer_of_the_year_is_not_told_to_call_itself() -> None:
    row: Any = SimpleNamespace(class_id=None, subject_id="", recipient_kind="unit", recipient_id="h", unit_id="h",
                               unit_path="/h/", template="quota-above", policy_key="henan-2021")  # fmt: skip
    assert list(who_answers(row, KNOWN)) == []
