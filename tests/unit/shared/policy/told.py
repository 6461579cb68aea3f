"""How a mistake in a policy is told."""

from shared.policy import PolicyError


def assert_told(error: PolicyError, code: str, zh: str, en: str) -> None:
    """It refuses the file, names line and place, and says in both languages what is wrong and what to do."""
    assert (error.code, error.warning) == (code, False)
    assert error.zh.startswith(f"第{error.line}行，{error.path or '—'}")
    assert zh in error.zh
    assert error.en.startswith(f"Line {error.line}, {error.path or '—'}: ")
    assert en in error.en
