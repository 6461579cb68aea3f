"""Counts, rates, intervals and ranks (docs/definitions, sections 1 and 2): pure, exact, the same for everyone."""
