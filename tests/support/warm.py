"""What a forked program finds done: its modules are imported, its texts read, its templates compiled.

A collection walks none of it again and so copies no page.
"""

import gc
from importlib import import_module

from deploy.local.paths import SERVICES
from shared.pages.environment import build
from shared.pages.rendering import template_folders
from shared.texts import LANGUAGES, Texts
from tests.support.forking import PROGRAMS

AT_START = ("anyio._backends._asyncio", "uvicorn.lifespan.on", "uvicorn.loops.uvloop", "uvicorn.protocols.http.auto")

for _program in (*PROGRAMS.values(), *AT_START):
    import_module(_program)
for _service in SERVICES:
    _package = import_module(PROGRAMS[f"services.{_service}"]).SERVICE.package
    _pages = build(LANGUAGES[0], Texts.load(_package / "texts.yaml"), template_folders(_package))
    for _template in _pages.list_templates():
        _pages.get_template(_template)
gc.collect()
gc.freeze()
