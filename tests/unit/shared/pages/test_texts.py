"""Texts: both languages, variables, dates, plurals; and every text file of the repository."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from shared.events import Names
from shared.texts import COMMON, LANGUAGES, TextError, Texts

ROOT = Path(__file__).parents[4]
HAN = re.compile(r"[\u3400-\u9fff]")
OWN = sorted({*ROOT.glob("services/*/texts.yaml"), ROOT / "deploy/gateway/texts.yaml"})
LITERAL_KEY = re.compile(r"""\bt\("([a-z_0-9.]+)"[,)]""")


def texts(tmp_path: Path, *contents: str) -> Texts:
    paths = [tmp_path / f"{i}.yaml" for i in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content)
    return Texts(COMMON[1], *paths)


@pytest.mark.parametrize(("given", "zh", "en"), [
    (date(2021, 8, 26), "8月26日", "26 Aug"),
    (datetime(2021, 8, 25, 16, 5, tzinfo=UTC), "8月26日 00:05", "26 Aug 00:05"),
    (datetime(2021, 8, 26, 15, 59, 59, tzinfo=UTC), "8月26日 23:59:59", "26 Aug 23:59:59"),
    (Names("乡村骨干07班", "class 07"), "乡村骨干07班", "class 07"),
])  # fmt: skip
def test_values_are_said_in_the_readers_language(tmp_path: Path, given: object, zh: str, en: str) -> None:
    known = texts(tmp_path, 'say: {zh: "{it}", en: "{it}"}\n')
    assert [known.get(lang, "say", it=given) for lang in LANGUAGES] == [zh, en]


@pytest.mark.parametrize(("style", "zh", "en"), [
    ("full", "2021年8月26日", "26 Aug 2021"), ("weekday", "8月26日 周四", "Thu 26 Aug"),
    ("long", "2021年8月26日 周四", "Thu 26 Aug 2021"),
])  # fmt: skip
def test_dates_have_styles(tmp_path: Path, style: str, zh: str, en: str) -> None:
    known = texts(tmp_path, f'say: {{zh: "{{it:{style}}}", en: "{{it:{style}}}"}}\n')
    assert [known.get(lang, "say", it=date(2021, 8, 26)) for lang in LANGUAGES] == [zh, en]


def test_a_date_has_no_time_of_day(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        texts(tmp_path, "").date("zh", date(2021, 8, 26), "time")


def test_english_counts(tmp_path: Path) -> None:
    known = texts(tmp_path, 'rows: {zh: "{n}行", en: "{n:,} {n:row|rows}"}\n')
    assert [known.get("en", "rows", n=n) for n in (0, 1, 10_000)] == ["0 rows", "1 row", "10,000 rows"]


@pytest.mark.parametrize(("content", "said"), [
    ("half: {zh: 半}\n", "half"),
    ("empty: {zh: 空, en: ' '}\n", "empty"),
    ("more: {zh: 多, en: more, fr: plus}\n", "more"),
    ('other: {zh: "{a}", en: "{b}"}\n', "variables differ"),
    ("on: {zh: 开, en: on}\n", "quote it"),
    ("bad: {zh: {a}，, en: x}\n", "while parsing"),
    ("bare: text\n", "bare"),
])  # fmt: skip
def test_unusable_texts_are_refused_by_name(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(TextError, match=said):
        texts(tmp_path, content)


def test_one_key_stands_in_one_file(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="twice"):
        texts(tmp_path, "a: {zh: 甲, en: a}\n", "a: {zh: 乙, en: b}\n")


def test_unknown_keys_and_variables_raise(tmp_path: Path) -> None:
    known = texts(tmp_path, 'a: {zh: "{n}", en: "{n}"}\n')
    with pytest.raises(KeyError):
        known.get("zh", "b")
    with pytest.raises(KeyError):
        known.get("zh", "a")


@pytest.mark.parametrize("path", OWN, ids=lambda p: p.parent.name)
def test_every_text_of_every_program_has_both_languages(path: Path) -> None:
    known = Texts.load(path, *path.parent.glob("samples.yaml"))
    english = {key: known._texts[key]["en"] for key in known if key != "shell.other_language"}
    assert {key: text for key, text in english.items() if HAN.search(text)} == {}
    for template in [*path.parent.rglob("templates/**/*.html"), *ROOT.glob("shared/pages/templates/**/*.html")]:
        used = set(LITERAL_KEY.findall(template.read_text()))
        assert used <= set(known), f"{template}: {sorted(used - set(known))}"


def test_templates_hold_no_words_of_their_own() -> None:
    templates = [p for folder in ("services", "shared", "deploy/gateway") for p in (ROOT / folder).rglob("*.html")]
    spoken = [str(p) for p in templates if HAN.search(re.sub(r"\{#.*?#\}", "", p.read_text(), flags=re.DOTALL))]
    assert templates
    assert spoken == []
