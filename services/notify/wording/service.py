"""Writes messages: an SMS as template key and variables, a mail in both languages."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from msgspec import Struct

from services.notify.wording.domain import ASKS, FACTS, Scene, civil, cut, notice, parts, plain, scope, variables
from shared.events import Names
from shared.policy.lookup import document, project
from shared.texts import LANGUAGES, Texts

LINES: Final = 60
STYLES: Final = {"until": "full"}  # the end of a ban is years away
UNITS: Final = ("years", "months", "weeks", "calendar_days")  # in which a ban can be counted (P114)
COUNTS_DOWN: Final = ("document", "papers", "dates", "finish", "results", "appeal")


class Sms(Struct, frozen=True):
    """What goes to the gateway, and what the receiver will read."""

    template: str
    variables: Mapping[str, str]
    signature: str
    text: str
    parts: int


class Page(Struct, frozen=True):
    """A mail in one language."""

    lang: str
    hello: str
    lead: str
    old: str | None
    new: str | None
    facts: Sequence[tuple[str, str]]
    question: str
    close: str
    footer: str


class Letter(Struct, frozen=True):
    """A mail: Chinese first, English below."""

    subject: str
    sender: str
    official: str
    pages: Sequence[Page]


class Writer:
    """Speaks with the service's texts."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._registered: dict[str, Sequence[str]] = {}

    def sms(self, scene: Scene) -> Sms:
        """The SMS of a scene, in Chinese, with its length counted (definitions, messages)."""
        key = f"sms.{scene.template}"
        wanted = self._variables(key, scene)
        said = self._words(scene, "zh", wanted)
        values = {n: cut(n, self._said("zh", said[n], STYLES.get(n, "day"))) for n in wanted}
        signature = self._sender(scene)
        text = self._texts.get("zh", "sms.frame", signature=signature, text=self._texts.get("zh", key, **values))
        return Sms(scene.template, values, signature, text, parts(text))

    def _sender(self, scene: Scene) -> str:
        """Whose message it is: that of the tree's root, by its name."""
        return self._texts.get("zh", "senders.of" if scene.root else "senders.plain", root=scene.root)

    def _variables(self, key: str, scene: Scene) -> Sequence[str]:
        """The names that a template is registered with, found once."""
        if key not in self._registered:
            names = self._words(scene, "zh")
            self._registered[key] = variables(self._texts.get("zh", key, **{n: f"{{{n}}}" for n in names}))
        return self._registered[key]

    def summary(self, scene: Scene) -> str:
        """The title of the calendar entry."""
        return self._texts.get("zh", "say.calendar", klass=scene.klass.names if scene.klass else "")

    def letter(self, scene: Scene) -> Letter:
        """The mail of a scene."""
        own = f"mail.{scene.template}"
        said = {lang: self._words(scene, lang) for lang in LANGUAGES}
        sender = self._sender(scene)
        return Letter(
            subject=self._texts.get("zh", f"{own}.subject", **said["zh"]),
            sender=sender,
            official=self._texts.get("zh", "mail.official", sender=sender),
            pages=[self._page(scene, own, lang, said[lang]) for lang in LANGUAGES],
        )

    def _page(self, scene: Scene, own: str, lang: str, said: Mapping[str, Any]) -> Page:
        who = "person" if scene.template.endswith("-person") else "unit"
        old, new = self._change(scene, lang, said)
        question = "mail.cannot" if scene.template in ASKS else "mail.questions"
        answered = who == "person" or scene.phone is not None
        return Page(
            lang=lang,
            hello=self._texts.get(lang, f"mail.hello-{who}", **said),
            lead=self._texts.get(lang, f"{own}.lead", **said),
            old=old,
            new=new,
            facts=list(self._facts(scene, lang, said)),
            question=self._texts.get(lang, question) if answered else "",
            close=self._texts.get(lang, f"{own}.close", **said) if answered else "",
            footer=self._texts.get(lang, f"mail.footer-{who}"),
        )

    def _change(self, scene: Scene, lang: str, said: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """What was and what is now: the day, or the address where the day stays."""
        klass = scene.klass
        if scene.template.startswith("moved"):
            day = self._texts.date(lang, said["day"], "weekday")
            return self._texts.date(lang, said["old"], "weekday"), f"{day} {said['hours']}"
        elsewhere = scene.template.startswith("rearranged") and klass and klass.old_address not in {None, klass.address}
        return (klass.old_address, klass.address) if elsewhere and klass else (None, None)

    def _facts(self, scene: Scene, lang: str, said: Mapping[str, Any]) -> list[tuple[str, str]]:
        wanted = [f for f in FACTS.get(scene.template, ()) if said.get(f, "") is not None]
        if "gaps" in wanted:
            wanted.remove("gaps")
            return [*self._gaps(scene, lang), *self._told(wanted, lang, said)]
        return self._told(wanted, lang, said)

    def _told(self, wanted: Sequence[str], lang: str, said: Mapping[str, Any]) -> list[tuple[str, str]]:
        told = [(self._texts.get(lang, f"fact.{f}"), self._texts.get(lang, f"fact.{f}_is", **said)) for f in wanted]
        return [(label, value) for label, value in told if value]

    def _words(self, scene: Scene, lang: str, wanted: Collection[str] | None = None) -> dict[str, Any]:
        """The values by the names that texts use. Phrases are said in the language, and only if they are wanted."""
        said = plain(scene)
        phrases: dict[str, Callable[[], Any]] = {
            "phone": lambda: scene.phone or self._texts.get(lang, "say.no_phone"),
            "hours": lambda: self._hours(scene, lang),
            "left": lambda: self._left(scene, lang, said["left"]),
            "punctual": lambda: self._texts.get(lang, "say.on_time" if scene.punctual else "say.late"),
            "bring": lambda: self._bring(scene, lang),
            "venue": lambda: self._venue(scene, lang),
            "fact": lambda: self._fact(scene, lang, said),
            "length": lambda: self._length(scene, lang),
            "scope": lambda: self._scope(scene, lang),
            "reason": lambda: self._reason(scene, lang),
            "staff": lambda: self._staff(scene, lang),
            "people": lambda: self._texts.get(lang, "say.next").join(scene.persons),
            "papers": lambda: self._papers(scene, lang),
            "papers_list": lambda: self._list(scene, lang),
            "basis": lambda: self._basis(scene, lang),
            "blocks": lambda: self._blocks(scene, lang),
        }
        return said | {name: say() for name, say in phrases.items() if wanted is None or name in wanted}

    def _scope(self, scene: Scene, lang: str) -> str:
        """The barred forms of the barred plans, each language in its own order."""
        plans, ways = [self._texts.get(lang, "say.next").join(getattr(n, lang) for n in names)
                       for names in scope(scene.ranges, scene.policy)]  # fmt: skip
        return self._texts.get(lang, "say.scope" if ways else "say.scope_plans", plans=plans, ways=ways)

    def _hours(self, scene: Scene, lang: str) -> str:
        """From when to when on the first day; with minutes where there are any, without an end that is on another day."""
        if scene.klass is None:
            return ""
        zone = civil(scene.policy)
        opens, closes = (at.astimezone(zone) for at in (scene.klass.checkin_opens_at, scene.klass.checkin_closes_at))
        exact = opens.minute or (closes.minute and opens.date() == closes.date())
        said = {
            "opens": f"{opens:%H:%M}" if exact else opens.hour,
            "closes": f"{closes:%H:%M}" if exact else closes.hour,
        }
        key = "hours" if opens.date() == closes.date() else "hours_from"
        return self._texts.get(lang, f"say.{key}_exact" if exact else f"say.{key}", **said)

    def _left(self, scene: Scene, lang: str, days: int) -> str | int:
        if not scene.template.startswith(COUNTS_DOWN):
            return days
        state = "left_ahead" if days > 0 else "left_today" if days == 0 else "left_over"
        return self._texts.get(lang, f"say.{state}", n=abs(days))

    def _papers(self, scene: Scene, lang: str) -> str:
        """One paper by its name, several as the first and their number."""
        first = document(scene.policy, scene.papers[0][0]).names if scene.papers else None
        number = sum(n for _, n in scene.papers)
        if first is None:
            return ""
        return str(getattr(first, lang)) if number == 1 else self._texts.get(lang, "say.papers", first=first, n=number)

    def _list(self, scene: Scene, lang: str) -> str:
        """Every paper that is still owed."""
        said = [(document(scene.policy, key).names, n) for key, n in scene.papers]
        lines = [
            str(getattr(name, lang)) if n == 1 else self._texts.get(lang, "say.copies", name=name, n=n)
            for name, n in said
        ]
        return self._texts.get(lang, "say.next").join(lines)

    def _gaps(self, scene: Scene, lang: str) -> list[tuple[str, str]]:
        """Every quota that is not filled, a line each: whose or for what, how many are missing; at most 60."""
        own, lines = scene.template.endswith("-unit"), []
        for gap in scene.gaps[:LINES]:
            name = project(scene.policy, gap.project).names
            said = {"quota": gap.quota, "selected": gap.selected, "missing": gap.quota - gap.selected, "project": name}
            label = name if own or gap.owner is None else gap.owner
            key = "say.gap_own" if label is name else "say.gap"
            lines.append((str(getattr(label, lang)), self._texts.get(lang, key, **said)))
        rest = len(scene.gaps) - LINES
        return (
            [*lines, (self._texts.get(lang, "say.rest"), self._texts.get(lang, "say.rest_is", n=rest))]
            if rest > 0
            else lines
        )

    def _fact(self, scene: Scene, lang: str, said: Mapping[str, Any]) -> str:
        """What a ban rests on, said to the person or of him."""
        if not scene.cause:
            return ""
        return self._texts.get(
            lang, f"say.{scene.cause}" + ("" if scene.template.endswith("-person") else "_of"), **said
        )

    def _basis(self, scene: Scene, lang: str) -> str:
        """The notice that a year rests on, with its number if it has one; a year without one is said by its name."""
        if not scene.policy.sources.documents:
            return str(getattr(scene.policy.names, lang))
        source = scene.policy.sources.documents[0]
        name = str(getattr(source.names, lang))
        return self._texts.get(lang, "say.numbered", name=name, number=source.number) if source.number else name

    def _blocks(self, scene: Scene, lang: str) -> str | None:
        """What follows when a trainee's paper does not come."""
        blocking = any(document(scene.policy, key).blocks for key, _ in scene.papers)
        return self._texts.get(lang, "say.blocks") if blocking else None

    def _staff(self, scene: Scene, lang: str) -> str:
        called = scene.policy.terms.called
        told = [
            self._texts.get(lang, "say.staff", role=called("staff_roles", s.role), name=s.name, phone=s.phone or "")
            for s in scene.staff
        ]
        return self._texts.get(lang, "say.and").join(told)

    def _bring(self, scene: Scene, lang: str) -> str:
        """Where meals, lodging and what to bring are written."""
        paper = notice(scene)
        return self._texts.get(lang, "say.bring", notice=paper) if paper else self._texts.get(lang, "say.bring_id")

    def _venue(self, scene: Scene, lang: str) -> str:
        klass = scene.klass
        if klass is None or klass.old_address in {None, klass.address}:
            return self._texts.get(lang, "say.same_place")
        return self._texts.get(lang, "say.new_place", place=cut("place", klass.address))

    def _length(self, scene: Scene, lang: str) -> str:
        """How long a ban lasts, in the unit that the year counts in."""
        length = scene.policy.ban.length if scene.policy.ban else None
        unit = next((u for u in UNITS if length and getattr(length, u)), None)
        return self._texts.get(lang, f"say.{unit}", n=getattr(length, unit)) if unit else ""

    def _reason(self, scene: Scene, lang: str) -> str | None:
        cause = scene.klass.cause if scene.klass else None
        return str(getattr(scene.policy.terms.called("change_causes", cause), lang)) if cause else None

    def _said(self, lang: str, value: object, style: str) -> str:
        if isinstance(value, date):
            return self._texts.date(lang, value, style)
        if isinstance(value, Names) or hasattr(value, lang):
            return str(getattr(value, lang))
        return str(value)
