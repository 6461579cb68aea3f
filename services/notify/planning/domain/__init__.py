"""The planner: pure. Facts become a case, a case and a policy become the wanted rows, and these become changes."""

from services.notify.planning.domain.case import Anchor, Case
from services.notify.planning.domain.causes import Cause, causes
from services.notify.planning.domain.classes import class_case
from services.notify.planning.domain.difference import diff
from services.notify.planning.domain.duties import Duty, Held, duty_case
from services.notify.planning.domain.entries import entry_case
from services.notify.planning.domain.notices import programme_case
from services.notify.planning.domain.others import cell_case, document_case, nominee_case, place_case
from services.notify.planning.domain.rows import Change, Existing, Key, Recipient, Row
from services.notify.planning.domain.wanted import desired

__all__ = ["Anchor", "Case", "Cause", "Change", "Duty", "Existing", "Held", "Key", "Recipient", "Row", "causes", "cell_case", "class_case",
           "desired", "diff", "document_case", "duty_case", "entry_case", "nominee_case", "place_case", "programme_case"]  # fmt: skip
