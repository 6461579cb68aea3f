"""Static files: the project's own, and those from npm that set-up put into one folder. Nothing comes from elsewhere."""

import os
from typing import Final

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from deploy.gateway.settings import Settings
from shared.pages.environment import STATIC

FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"


class Kept(StaticFiles):
    """Files that a browser keeps for ever when their address carries a hash, and asks about otherwise."""

    def file_response(self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope,
                      status_code: int = 200) -> Response:  # fmt: skip
        """The file with its caching rule."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["cache-control"] = FOR_EVER if b"v=" in scope["query_string"] else ASK_AGAIN
        return answer


def mount(app: FastAPI, settings: Settings) -> None:
    """Serve ``/assets/shipei/…`` from the project and the rest of ``/assets/…`` from the folder of the settings."""
    app.mount("/assets/shipei", Kept(directory=STATIC))
    if settings.assets is not None:
        app.mount("/assets", Kept(directory=settings.assets))
