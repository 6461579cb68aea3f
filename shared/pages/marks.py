"""Inline mark-up of plain texts: what must not break over a line, what is bold, what is no longer valid."""

import re
from typing import Any, Final

from markupsafe import Markup, escape

KEEP: Final = re.compile(
    r"""(?:(?:\d{4}\u5e74)?\d{1,2}\u6708\d{1,2}\u65e5        # year, month and day signs
      | \d{1,2}[ ][A-Z][a-z]{2}(?:[ ]\d{4})?\b)             # an English date
        (?:[ ]\d{2}:\d{2}(?::\d{2})?(?:\u2013\d{2}:\d{2})?)?   # and its time
      | \d{2}:\d{2}(?::\d{2})?(?:\u2013\d{2}:\d{2})?
      | \d{3,4}-\d{4}[ ]?\d{4}                               # a phone
      | \d[\d,.]*[ ]/[ ]\d[\d,.]*[\u3400-\u9fff]?          # one number of another
      | \d[\d,.]*[ ]?[%\u2030]
      | \d[\d,.]*(?:\u5206\u949f|\u5c0f\u65f6|\u4e2a\u6708)  # minutes, hours, months
      | \d[\d,.]*[\u3400-\u9fff]                             # a number and its counting word
    """,
    re.VERBOSE,
)
BOLD: Final = re.compile(r"\*\*(.+?)\*\*")
VOID: Final = re.compile(r"~~(.+?)~~")


def nb(value: Any) -> Markup:
    """Wrap dates, times, phones and number + unit so that a line never breaks inside. Mark-up passes as it is."""
    if isinstance(value, Markup):
        return value
    return Markup(KEEP.sub(r'<span class="nb">\g<0></span>', str(escape(value))))  # noqa: S704  (escaped above)


def rich(value: Any) -> Markup:
    """As ``nb``, and ``**bold**`` and ``~~no longer valid~~``. Mark-up passes as it is."""
    if isinstance(value, Markup):
        return value
    marked = BOLD.sub(r"<b>\1</b>", str(nb(value)))
    return Markup(VOID.sub(r'<s class="old">\1</s>', marked))  # noqa: S704  (nb escaped it)
