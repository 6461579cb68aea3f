"""``python -m services.blacklist [serve|migrate|parked|redrive]``."""

from services.blacklist.app import SERVICE
from shared.cli import main

if __name__ == "__main__":
    main(SERVICE)
