"""Identity numbers, phones and names as people really type them. All numbers are computed, none is a real person's."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.people.domain import (
    Finding,
    IdNumber,
    check_digit,
    mask_id,
    read_email,
    read_id,
    read_name,
    read_phone,
)

TODAY = date(2021, 7, 20)


def number(area: str = "410183", born: str = "19800229", serial: str = "012") -> str:
    body = area + born + serial
    return body + check_digit(body)


def test_a_valid_number_gives_its_birth_date() -> None:
    read = read_id(number(), TODAY)
    assert read == IdNumber(number(), date(1980, 2, 29))


def test_the_published_example_of_the_standard_has_x_as_its_check_character() -> None:
    assert check_digit("11010519491231002") == "X"


def test_lower_case_full_width_and_blanks_are_the_same_number() -> None:
    ending_in_x = next(n for s in range(100, 200) if (n := number(serial=str(s)))[-1] == "X")
    wide = "".join(chr(ord(c) + 0xFEE0) for c in ending_in_x.lower())
    for typed in (
        ending_in_x.lower(),
        wide,
        f" {ending_in_x[:6]} {ending_in_x[6:]}\u3000",
        f"\u200b{ending_in_x}\ufeff",
    ):
        read = read_id(typed, TODAY)
        assert isinstance(read, IdNumber), typed
        assert read.number == ending_in_x


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "id-missing"),
        ("4101831980022901", "id-length"),
        ("41018319800229012A", "id-characters"),
        (number(born="19810229"), "id-birth-date"),
        (number(born="20210721"), "id-birth-date"),
        (number(born="18991231"), "id-birth-date"),
        (number()[:-1] + ("0" if number()[-1] != "0" else "1"), "id-checksum"),
    ],
)
def test_a_wrong_number_says_what_is_wrong(typed: str, code: str) -> None:
    read = read_id(typed, TODAY)
    assert isinstance(read, Finding)
    assert read.code == code


@pytest.mark.parametrize("area", ["810000", "820000", "830000", "930000", "419001"])
def test_permits_of_hong_kong_macao_taiwan_and_foreign_residents_are_accepted(area: str) -> None:
    assert read_id(number(area=area), TODAY) == IdNumber(number(area=area), date(1980, 2, 29))


def test_an_unknown_area_only_warns() -> None:
    read = read_id(number(area="990000"), TODAY)
    assert isinstance(read, IdNumber)
    read = read_id(number(area="200000"), TODAY)
    assert isinstance(read, IdNumber)
    assert read.warnings == ("id-area",)


@given(st.dates(date(1940, 1, 1), date(2000, 12, 31)), st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_never_passes(born: date, serial: int, position: int, shift: int) -> None:
    right = number(born=f"{born:%Y%m%d}", serial=f"{serial:03d}")
    wrong = "0123456789"[(int(right[position]) + shift) % 10] if right[position] != "X" else str(shift)
    read = read_id(right[:position] + wrong + right[position + 1 :], TODAY)
    assert isinstance(read_id(right, TODAY), IdNumber)
    assert isinstance(read, Finding)


def test_what_a_page_repeats_of_a_number_is_not_the_number() -> None:
    assert mask_id(number()) == f"4101…{number()[-4:]}"
    assert mask_id("123") == "…"


@pytest.mark.parametrize(
    "typed", ["13900000001", "139 0000 0001", "139-0000-0001", "+86 13900000001", "１３９００００００01"]
)
def test_phones_are_one_spelling(typed: str) -> None:
    assert read_phone(typed) == "13900000001"


@pytest.mark.parametrize("typed", ["12900000001", "1390000000", "139000000011", "0371-00000110", "", "x"])
def test_what_gets_no_sms_is_no_phone(typed: str) -> None:
    assert read_phone(typed) == Finding("phone-invalid")


def test_names_of_any_length_and_script_pass() -> None:
    assert read_name("买买提•示例") == "买买提·示例"
    assert read_name("买买提・示例") == read_name("买买提·示例")
    assert read_name("𠮷示例样本测试演练") == "𠮷示例样本测试演练"
    assert read_name("  陈　测试 ") == "陈 测试"
    assert read_name("　") == Finding("name-missing")


def test_mail_addresses_need_one_at_and_a_dotted_domain() -> None:
    assert read_email(" a.b@example.invalid ") == "a.b@example.invalid"
    assert read_email("a@b@example.invalid") == Finding("email-invalid")
    assert read_email("example.invalid") == Finding("email-invalid")
