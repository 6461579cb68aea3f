"""Counts, rates, intervals and ranks (M01-M06, M16): pure, exact, the same for everyone."""
