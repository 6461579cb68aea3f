"""The benchmarks' own table is what should be read, not the programs' logs."""

import logging

import structlog


def quiet() -> None:
    """Let errors through, nothing else."""
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
