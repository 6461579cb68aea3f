"""What a bulletin holds, what it is compared with, and when one may be frozen (M07, M08)."""
