import uvicorn

from deploy.sink.app import create_app
from deploy.sink.settings import Settings

if __name__ == "__main__":
    settings = Settings()  # type: ignore[call-arg]  # read from the environment
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port, log_level="warning", access_log=False)
