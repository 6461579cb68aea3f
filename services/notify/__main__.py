"""``python -m services.notify [serve|migrate|parked|unidentified|aside|redrive]``."""

from services.notify.app import SERVICE
from shared.cli import main

if __name__ == "__main__":
    main(SERVICE)
