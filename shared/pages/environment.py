"""One Jinja environment per language, so that every macro speaks the reader's language without being handed it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import CodeType
from typing import Any, Final

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from shared.pages import plots
from shared.pages.marks import nb, rich
from shared.texts import Texts

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"


class Compiled(BytecodeCache):
    """What this process has compiled: the environments of both languages need it once."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


COMPILED: Final = Compiled()


def build(lang: str, texts: Texts, folders: Sequence[Path]) -> Environment:
    """The environment of one language over the template folders; the shell's own come last.

    Raises:
        ValueError: two folders hold a template of the same name.

    """
    _refuse_twins(folders)
    env = Environment(
        loader=FileSystemLoader([*folders, HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
        bytecode_cache=COMPILED,
    )
    env.globals.update(_globals(lang, texts))
    env.filters.update(_filters(lang, texts))
    return env


def _refuse_twins(folders: Sequence[Path]) -> None:
    names = [str(f.relative_to(folder)) for folder in folders for f in folder.rglob("*") if f.is_file()]
    twins = sorted({n for n in names if names.count(n) > 1})
    if twins:
        raise ValueError(f"templates of one service need different names: {', '.join(twins)}")


def _globals(lang: str, texts: Texts) -> Mapping[str, Any]:
    return {
        "t": partial(texts.get, lang),
        "has_text": texts.__contains__,
        "lang": lang,
        "html_lang": {"zh": "zh-CN", "en": "en"}[lang],
        "asset": asset,
        "col": column,
        "new_key": lambda: str(uuid.uuid4()),
        "interval_geometry": plots.interval_geometry,
        "axis_ticks": plots.axis_ticks,
        "bar_parts": plots.bar_parts,
        "qr_svg": plots.qr_svg,
    }


def _filters(lang: str, texts: Texts) -> Mapping[str, Any]:
    def dated(value: date, style: str = "day") -> str:
        return texts.date(lang, value, style)

    return {"nb": nb, "rich": rich, "date": dated, "time": partial(dated, style="time"), "iso": date.isoformat}


def column(
    label: str,
    kind: str = "",
    *,
    name: str | None = None,
    phone: bool = True,
    sort: str | None = None,
    sorted_: bool = False,
) -> dict[str, Any]:
    """A table's column: kind ``head`` (names the row), ``num`` or plain; ``phone`` False hides it on phones.

    ``name`` is said before the value on a phone's card; a drawing as label has none.
    """
    said = name if name is not None else ("" if isinstance(label, Markup) else label)
    return {"label": label, "kind": kind, "name": said, "phone": phone, "sort": sort, "sorted": sorted_}


def asset(name: str) -> str:
    """The address of a static file; files of this package carry their hash, so that a browser may keep them."""
    own = STATIC / name.removeprefix("shipei/")
    if not name.startswith("shipei/"):
        return f"/assets/{name}"
    return f"/assets/{name}?v={sha256(own.read_bytes()).hexdigest()[:10]}"
