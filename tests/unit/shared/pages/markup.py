"""Reads a page strictly: tags nest, ids are unique, labels and descriptions point to something that is there."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SELF_CLOSED = {"path", "circle", "rect", "line"}


class Page(HTMLParser):
    """Collects what the tests ask about; ``mistakes`` says what is wrong."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.pointers: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.mistakes: list[str] = []
        self.feed(text)
        self.close()
        self.mistakes += [f"<{tag}> is not closed" for tag in self.open]
        self.mistakes += [f"id {i} stands twice" for i in {i for i in self.ids if self.ids.count(i) > 1}]
        self.mistakes += [f"{name}={value} points nowhere" for name, value in self.pointers if value not in self.ids]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if len(named) != len(attrs):
            self.mistakes.append(f"<{tag}> repeats an attribute: {attrs}")
        if "style" in named or any(name.startswith("on") for name in named):
            self.mistakes.append(f"<{tag}> has style or script in an attribute")
        self.tags.append((tag, named))
        self._note(named)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in SELF_CLOSED:
            self.mistakes.append(f"<{tag}/> is no void element")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}> closes something else at {self.getpos()}")

    def _note(self, named: dict[str, str | None]) -> None:
        if named.get("id"):
            self.ids.append(str(named["id"]))
        for name in ("for", "aria-describedby"):
            self.pointers += [(name, part) for part in (named.get(name) or "").split()]
        if (named.get("href") or "").startswith("#"):
            self.pointers.append(("href", str(named["href"])[1:]))
