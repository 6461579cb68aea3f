"""Writes messages: an SMS as template key and variables, a mail in both languages."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from services.notify.wording.domain import ASKS, FACTS, Scene, civil, cut, parts, plain, scope, variables
from shared.events import Names
from shared.texts import LANGUAGES, Texts


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
        values = {n: cut(n, self._said("zh", said[n])) for n in wanted}
        signature = self._sender(scene, "sms.signature")
        text = self._texts.get("zh", "sms.frame", signature=signature, text=self._texts.get("zh", key, **values))
        return Sms(scene.template, values, signature, text, parts(text))

    def _sender(self, scene: Scene, usual: str) -> str:
        """Whose message it is: as the tree's root has it registered, else the root's own name."""
        if scene.root is None:
            return self._texts.get("zh", usual)
        code, names = scene.root
        own = f"senders.{code}"
        return self._texts.get("zh", own if own in self._texts else "senders.other", root=names)

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
        sender = self._sender(scene, "mail.from")
        return Letter(
            subject=self._texts.get("zh", f"{own}.subject", **said["zh"]),
            sender=sender,
            official=self._texts.get("zh", "mail.official", sender=sender),
            pages=[self._page(scene, own, lang, said[lang]) for lang in LANGUAGES],
        )

    def _page(self, scene: Scene, own: str, lang: str, said: Mapping[str, Any]) -> Page:
        who = scene.template.rpartition("-")[2]
        moved = scene.template.startswith("moved")
        question = "mail.cannot" if scene.template in ASKS else "mail.questions"
        return Page(
            lang=lang,
            hello=self._texts.get(lang, f"mail.hello-{who}", **said),
            lead=self._texts.get(lang, f"{own}.lead", **said),
            old=self._texts.date(lang, said["old"], "weekday") if moved else None,
            new=f"{self._texts.date(lang, said['day'], 'weekday')} {said['hours']}" if moved else None,
            facts=list(self._facts(scene, lang, said)),
            question=self._texts.get(lang, question),
            close=self._texts.get(lang, f"{own}.close", **said),
            footer=self._texts.get(lang, f"mail.footer-{who}"),
        )

    def _facts(self, scene: Scene, lang: str, said: Mapping[str, Any]) -> list[tuple[str, str]]:
        wanted = [f for f in FACTS.get(scene.template, ()) if said.get(f, "") is not None]
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
            "venue": lambda: self._venue(scene, lang),
            "fact": lambda: self._texts.get(lang, f"say.{scene.cause}", **said) if scene.cause else "",
            "length": lambda: self._length(scene, lang),
            "scope": lambda: ("" if lang == LANGUAGES[0] else " ").join(
                getattr(n, lang) for n in scope(scene.ranges, scene.policy)
            ),
            "reason": lambda: self._reason(scene, lang),
            "staff": lambda: self._staff(scene, lang),
            "people": lambda: ", ".join(scene.persons),
        }
        return said | {name: say() for name, say in phrases.items() if wanted is None or name in wanted}

    def _hours(self, scene: Scene, lang: str) -> str:
        if scene.klass is None:
            return ""
        zone = civil(scene.policy)
        opens, closes = (at.astimezone(zone) for at in (scene.klass.checkin_opens_at, scene.klass.checkin_closes_at))
        return self._texts.get(lang, "say.hours", opens=opens.hour, closes=closes.hour)

    def _left(self, scene: Scene, lang: str, days: int) -> str | int:
        if not scene.template.startswith("document"):
            return days
        state = "left_ahead" if days > 0 else "left_today" if days == 0 else "left_over"
        return self._texts.get(lang, f"say.{state}", n=abs(days))

    def _staff(self, scene: Scene, lang: str) -> str:
        told = [
            self._texts.get(lang, "say.staff", role=self._role(s.role, lang), name=s.name, phone=s.phone or "")
            for s in scene.staff
        ]
        return self._texts.get(lang, "say.and").join(told)

    def _role(self, role: str, lang: str) -> str:
        key = f"say.role_{role}"
        return self._texts.get(lang, key) if key in self._texts else role

    def _venue(self, scene: Scene, lang: str) -> str:
        klass = scene.klass
        if klass is None or klass.old_address in {None, klass.address}:
            return self._texts.get(lang, "say.same_place")
        return self._texts.get(lang, "say.new_place", place=cut("place", klass.address))

    def _length(self, scene: Scene, lang: str) -> str:
        rule = scene.policy.ban
        return self._texts.get(lang, "say.years", n=rule.length.years) if rule and rule.length.years else ""

    def _reason(self, scene: Scene, lang: str) -> str | None:
        key = f"say.{scene.klass.cause}" if scene.klass and scene.klass.cause else ""
        return self._texts.get(lang, key) if key in self._texts else None

    def _said(self, lang: str, value: object) -> str:
        if isinstance(value, date):
            return self._texts.date(lang, value)
        if isinstance(value, Names) or hasattr(value, lang):
            return str(getattr(value, lang))
        return str(value)
