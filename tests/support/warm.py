"""What a forked program finds done: its modules are imported, its texts read; a collection walks none of it again and so copies no page."""

import gc
from importlib import import_module

from deploy.local.paths import SERVICES
from shared.texts import Texts
from tests.support.forking import PROGRAMS

for _program in PROGRAMS.values():
    import_module(_program)
for _service in SERVICES:
    Texts.load(import_module(PROGRAMS[f"services.{_service}"]).SERVICE.package / "texts.yaml")
gc.collect()
gc.freeze()
