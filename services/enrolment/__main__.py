"""``python -m services.enrolment``."""

from services.enrolment.app import SERVICE
from shared.cli import main

main(SERVICE)
