"""The pure side of a bureau's list of units: reading it, comparing it with the tree, and what confirming it means (A05)."""

from services.enrolment.unitlists.domain.changes import Change, Difference, differences, events
from services.enrolment.unitlists.domain.compare import Fault, Preview, compare, restless
from services.enrolment.unitlists.domain.table import Line, Listing, read_lines
from services.enrolment.unitlists.domain.tree import Held, Meant, Tree, meanings

__all__ = [
    "Change",
    "Difference",
    "Fault",
    "Held",
    "Line",
    "Listing",
    "Meant",
    "Preview",
    "Tree",
    "compare",
    "differences",
    "events",
    "meanings",
    "read_lines",
    "restless",
]
