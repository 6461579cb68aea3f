"""``python -m services.blacklist``."""

from services.blacklist.app import SERVICE
from shared.cli import main

main(SERVICE)
