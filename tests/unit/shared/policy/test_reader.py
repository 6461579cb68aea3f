"""The strict reader: what YAML would let pass and a policy must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy import PolicyErrors, load
from shared.policy.nodes import Mapping, Scalar, Sequence
from shared.policy.reader import UnreadableError, read


@pytest.mark.parametrize(
    ("text", "line", "zh", "en"),
    [
        ("a: 1\nb: }\n", 2, "不是有效的YAML", "it is not YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "“a”写了两次", '"a" stands twice'),
        ("a: &x 1\n", 1, "锚点或别名“x”", 'anchor or alias "x"'),
        ("b: 1\na: *x\n", 2, "锚点或别名“x”", 'anchor or alias "x"'),
        ("a: !!python/name:os.system x\n", 1, "类型标记", "uses the tag"),
        ("? [a, b]\n: 1\n", 1, "须是一个词", "one word"),
        ("", 1, "文件是空的", "the file is empty"),
        ("- a\n", 1, "最外层须是字段", "the top must be a mapping"),
        ("a: 1\n---\nb: 2\n", 2, "两份文档", "two documents"),
        ("a: 1\nb: \x07\n", 2, "不可用的字符", "a character"),
        ("a: " + "[" * 60 + "]" * 60, 1, "嵌套过深", "nested too deeply"),
    ],
)
def test_p001_names_line_reason_and_remedy(text: str, line: int, zh: str, en: str) -> None:
    with pytest.raises(PolicyErrors) as refused:
        load(text)
    (error,) = refused.value.errors
    assert (error.code, error.line) == ("P001", line)
    assert f"第{line}行" in error.zh
    assert zh in error.zh
    assert "请改正这一行" in error.zh
    assert f"Line {line}" in error.en
    assert en in error.en
    assert "Mend this line" in error.en


def test_plain_scalars_stay_text_with_their_lines() -> None:
    node = read("a: no\nb: [on, 18:00, '1']\n")
    assert node == Mapping(
        (
            (Scalar("a", plain=True, line=1), Scalar("no", plain=True, line=1)),
            (
                Scalar("b", plain=True, line=2),
                Sequence(
                    (
                        Scalar("on", plain=True, line=2),
                        Scalar("18:00", plain=True, line=2),
                        Scalar("1", plain=False, line=2),
                    ),
                    2,
                ),
            ),
        ),
        1,
    )


@given(st.text(alphabet=st.sampled_from("ab:[]{}#&*!|>'\"%@- \n\t0中"), max_size=40))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    line: int | None = 1
    try:
        read(text)
    except UnreadableError as unreadable:
        line = unreadable.finding.line
    assert line is not None
    assert 1 <= line <= text.count("\n") + 2
