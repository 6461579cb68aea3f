"""Reporting reads nothing beyond what every service reads."""

from shared.settings import Settings

__all__ = ["Settings"]
