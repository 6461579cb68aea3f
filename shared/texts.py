"""The words that people read: ``texts.yaml`` files, each text in Chinese and English, found by a dotted key.

A value is formatted by its kind: dates and datetimes in the reader's language and in Asia/Shanghai, a pair of names
(``zh``, ``en``) by the language, a number with ``{n:row|rows}`` as singular or plural.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

LANGUAGES: Final = ("zh", "en")
CIVIL: Final = ZoneInfo("Asia/Shanghai")
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, thirty times faster
DAY_ENDS: Final = time(23, 59, 59)
COMMON: Final = (Path(__file__).parent / "texts.yaml", Path(__file__).parent / "pages" / "texts.yaml")


class TextError(Exception):
    """A ``texts.yaml`` is not usable: a text lacks a language, is given twice, or its languages differ in variables."""


class Texts:
    """All texts of one program, read at its start.

    Raises:
        TextError: a text is incomplete or stands in two files.

    """

    def __init__(self, *paths: Path) -> None:
        self._texts: dict[str, Mapping[str, str]] = {}
        for path in paths:
            for key, said in _read(path):
                if key in self._texts:
                    raise TextError(f"{path}: the text {key} is given twice")
                self._texts[key] = said
        self._speakers = {lang: _Speaker(self, lang) for lang in LANGUAGES}

    @classmethod
    @cache  # the files stay as they are while a program runs
    def load(cls, *paths: Path) -> "Texts":
        """The texts that every program has (problems, shell, dates) and those of ``paths``."""
        return cls(*COMMON, *paths)

    def get(self, lang: str, key: str, /, **details: Any) -> str:
        """The text in one language. KeyError for an unknown key, language or a missing variable."""
        return self._speakers[lang].speak(key, self._texts[key][lang], details)

    def list(self, lang: str, key: str) -> Sequence[str]:
        """A text that is a row of words parted by spaces (weekdays, months)."""
        return self._texts[key][lang].split(" ")

    def __iter__(self) -> Iterator[str]:
        """Every known key."""
        return iter(self._texts)

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def date(self, lang: str, value: date, style: str = "day") -> str:
        """A date or datetime in words: style ``day``, ``full`` (with year), ``weekday``, ``long`` or ``time``."""
        moment = value if isinstance(value, datetime) else None
        if moment is not None and moment.tzinfo is not None:
            value = moment = moment.astimezone(CIVIL)
        if style == "time":
            return _clock(moment)
        words = self._texts[f"dates.{style}"][lang].format(
            y=value.year,
            m=value.month,
            d=value.day,
            month=self.list(lang, "dates.months")[value.month - 1],
            weekday=self.list(lang, "dates.weekdays")[value.weekday()],
        )
        return words if moment is None else f"{words} {_clock(moment)}"


class _Speaker(Formatter):
    """Fills texts; each is taken apart once, since a service says the same ones all day."""

    def __init__(self, texts: Texts, lang: str) -> None:
        self._texts = texts
        self._lang = lang
        self._parts: dict[str, Sequence[tuple[str, str | None, str]] | None] = {}

    def speak(self, key: str, text: str, details: Mapping[str, Any]) -> str:
        if key not in self._parts:
            self._parts[key] = _parts(text)
        parts = self._parts[key]
        if parts is None:
            return self.vformat(text, (), details)
        return "".join([b if n is None else f"{b}{self.format_field(details[n], s)}" for b, n, s in parts])

    def format_field(self, value: Any, format_spec: str) -> Any:
        if type(value) is str and not format_spec:
            return value
        if isinstance(value, date):
            return self._texts.date(self._lang, value, format_spec or "day")
        if "|" in format_spec:
            one, many = format_spec.split("|")
            return one if value == 1 else many
        if hasattr(value, "zh") and hasattr(value, "en"):
            value = getattr(value, self._lang)
        return super().format_field(value, format_spec)


def _parts(text: str) -> Sequence[tuple[str, str | None, str]] | None:
    """What stands before each variable, its name and its format; None for a text with more than plain names."""
    parts = list(Formatter().parse(text))
    plain = all(n is None or (n.isidentifier() and not c and "{" not in (s or "")) for _, n, s, c in parts)
    return [(before, name, spec or "") for before, name, spec, _ in parts] if plain else None


def _clock(moment: datetime | None) -> str:
    if moment is None:
        raise TypeError("a date has no time of day")
    return moment.strftime("%H:%M:%S" if moment.time().replace(microsecond=0) == DAY_ENDS else "%H:%M")


def _read(path: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    try:
        said = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506  (a safe loader, in C)
        yield from _flatten("", said or {})
    except (TextError, yaml.YAMLError) as error:
        raise TextError(f"{path}: {error}") from error


def _flatten(prefix: str, node: Any) -> Iterator[tuple[str, Mapping[str, str]]]:
    if not isinstance(node, dict):
        raise TextError(f"{prefix}: a text needs zh and en")
    if node.keys() & set(LANGUAGES):
        _check(prefix, node)
        yield prefix, node
        return
    for key, below in node.items():
        if not isinstance(key, str):
            raise TextError(f"{prefix}: YAML reads the key {key!r} as no text; quote it")
        yield from _flatten(f"{prefix}.{key}" if prefix else key, below)


def _check(key: str, said: Mapping[str, Any]) -> None:
    if set(said) != set(LANGUAGES) or not all(isinstance(text, str) and text.strip() for text in said.values()):
        raise TextError(
            f"{key}: zh and en must both be there and nothing else (quote a text that holds a comma, colon or brace)"
        )
    names = [{name for _, name, _, _ in Formatter().parse(said[lang]) if name} for lang in LANGUAGES]
    if names[0] != names[1]:
        raise TextError(f"{key}: the variables differ: {sorted(names[0] ^ names[1])}")
