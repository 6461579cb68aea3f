"""The demonstration's words: what it prints, and what its people write into the system."""

from pathlib import Path
from typing import Any, Final

from shared.texts import LANGUAGES, Texts

TEXTS: Final = Texts.load(Path(__file__).with_name("texts.yaml"))


def zh(key: str, **details: Any) -> str:
    """A text in Chinese."""
    return TEXTS.get("zh", key, **details)


def names(key: str, **details: Any) -> dict[str, str]:
    """A text in each language, as the system takes a name."""
    return {lang: TEXTS.get(lang, key, **details) for lang in LANGUAGES}


def both(key: str, **details: Any) -> str:
    """A text in both languages, Chinese first."""
    return " / ".join(names(key, **details).values())
