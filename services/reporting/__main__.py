"""``python -m services.reporting``."""

from services.reporting.app import SERVICE
from shared.cli import main

main(SERVICE)
