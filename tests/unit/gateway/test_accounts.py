from deploy.demo import accounts
from shared.auth import ROLES


def test_the_demonstration_has_an_account_of_every_role_that_a_person_can_have() -> None:
    people = {officer["role"] for officer in accounts.OFFICERS} | {"teacher"}
    assert people == set(ROLES) - {"service"}
    assert len({officer["account"] for officer in accounts.OFFICERS}) == len(accounts.OFFICERS)
