"""What is wrong with a policy file, said in both languages with the line, the key and a remedy."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

TEXTS: Final = Path(__file__).with_name("texts.yaml")
Value = str | int | tuple[str, str]


@dataclass(frozen=True)
class Finding:
    """A mistake before it is put into words. ``code`` may name a variant after a dot, as in ``P003.value``."""

    code: str
    path: str
    values: Mapping[str, Value]
    line: int | None = None


@dataclass(frozen=True)
class PolicyError:
    """A mistake in words; a warning refuses nothing."""

    code: str
    line: int
    path: str
    zh: str
    en: str
    warning: bool = False


class PolicyErrors(Exception):  # noqa: N818 — it is the list of them
    """The file is refused; ``errors`` says why, in the order of the lines."""

    def __init__(self, errors: tuple[PolicyError, ...]) -> None:
        super().__init__("\n".join(error.en for error in errors))
        self.errors = errors


@cache
def texts() -> dict[str, Any]:
    """The texts file, read once."""
    loaded: dict[str, Any] = yaml.safe_load(TEXTS.read_text("utf-8"))
    return loaded


def word(table: str, key: str) -> tuple[str, str]:
    """A word in both languages, for a message's values."""
    pair = texts()[table][key]
    return pair["zh"], pair["en"]


def _sentence(finding: Finding, line: int, language: str) -> str:
    side = 0 if language == "zh" else 1
    values = {k: v[side] if isinstance(v, tuple) else v for k, v in finding.values.items()}
    entry = texts()["errors"][finding.code]
    frame: str = texts()["frame"][language]
    what, remedy = (entry[part][language].format(path=finding.path, **values) for part in ("what", "remedy"))
    return frame.format(line=line, path=finding.path or "—", what=what, remedy=remedy)


def in_words(finding: Finding, line: int) -> PolicyError:
    """The finding as a sentence in each language, with its line and its remedy."""
    zh, en = (_sentence(finding, line, language) for language in ("zh", "en"))
    code = finding.code.partition(".")[0]
    return PolicyError(code, line, finding.path, zh, en, warning=code in texts()["warnings"])
