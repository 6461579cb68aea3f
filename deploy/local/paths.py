from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".shipei"
DOWNLOADS = STATE / "downloads"
SERVICES = ("enrolment", "notify", "blacklist", "reporting")


def run_folder(name: str) -> Path:
    """The folder that holds everything of one run (`up`, `demo`, `test`): records of processes, logs, keys, data."""
    folder = STATE / "run" / name
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    return folder
