"""Puts refusals into words: the code names a problem of texts.yaml, the values come from a decision or from storage."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from shared.events.base import Names
from shared.problems import Problem
from shared.texts import LANGUAGES, Texts

_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(T.+)?")
_BETWEEN: Final = {"zh": "、", "en": ", "}
_AFTER: Final = {"zh": "", "en": " "}


def part(texts: Texts, lang: str, code: str, name: str, values: Mapping[str, Any]) -> str:
    """One part (title, detail, remedy) of a problem in one language."""
    return texts.get(lang, f"problems.{code}.{name}", **{k: _word(texts, lang, k, v) for k, v in values.items()})


def sentence(texts: Texts, lang: str, code: str, values: Mapping[str, Any]) -> str:
    """What is wrong and what to do about it."""
    return _AFTER[lang].join(part(texts, lang, code, name, values) for name in ("detail", "remedy"))


def said(texts: Texts, code: str, values: Mapping[str, Any]) -> dict[str, str]:
    """The sentence in both languages, as the ``errors`` of a problem and the results of rows carry it."""
    return {"code": code, **{lang: sentence(texts, lang, code, values) for lang in LANGUAGES}}


def problem(texts: Texts, status: int, code: str, values: Mapping[str, Any]) -> Problem:
    """A refusal as the answer of a whole request."""
    words: dict[str, Any] = {
        k: Names(*(_word(texts, lang, k, v) for lang in LANGUAGES)) if _is_list(v) else v for k, v in values.items()
    }
    return Problem(status, code, **words)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _word(texts: Texts, lang: str, name: str, value: Any) -> Any:
    if _is_list(value):
        return _BETWEEN[lang].join(_term(texts, lang, name, v) for v in value)
    if isinstance(value, Mapping):
        return value[lang]
    if isinstance(value, str) and (iso := _ISO.fullmatch(value)):
        return datetime.fromisoformat(value) if iso[1] else date.fromisoformat(value)
    return value


def _term(texts: Texts, lang: str, name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value[lang])
    if hasattr(value, lang):
        return str(getattr(value, lang))
    key = f"words.{name}.{value}"
    return texts.get(lang, key) if key in texts else str(value)
