"""A reader that has nothing of the project: aiokafka alone. It recomputes every league table from the topics.

``python -m stranger KAFKA PREFIX`` in the folder above this one; see ``__main__``. Nothing here imports anything of the
project, and nothing of the product imports this: that both come to the same figures is the proof of either.
"""

from .leaks import finder
from .reading import headers, read
from .recount import recount
from .streams import History, check_streams, fold

__all__ = ["History", "check_streams", "finder", "fold", "headers", "read", "recount"]
