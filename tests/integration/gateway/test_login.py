"""The development login: tokens that services accept, a cookie that scripts can't read, nothing for other sites."""

import json
from pathlib import Path

import jwt
import pytest

from deploy.gateway.app import create_app
from deploy.gateway.tokens import KeyUnusable, Signer
from deploy.local import keys
from deploy.local.ports import free_port
from shared.auth import COOKIE
from tests.integration.gateway.conftest import Origin, read_accounts
from tests.integration.gateway.origin import served, settings_for


def claims(token: str, jwks: Path) -> dict[str, object]:
    """As a service reads it."""
    known = {k.key_id: k for k in jwt.PyJWKSet.from_dict(json.loads(jwks.read_text())).keys}
    key = known[jwt.get_unverified_header(token)["kid"]]
    read: dict[str, object] = jwt.decode(
        token, key, ["EdDSA"], issuer="shipei-local", options={"require": ["exp", "sub"]}
    )
    return read


async def test_a_session_begins_and_ends(origin: Origin, folder: Path) -> None:
    answer = await origin.http.post("/login", data={"account": "county", "next": "/enrolment/imports?x=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/enrolment/imports?x=1")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=36000"} <= set(cookie.split("; "))
    told = claims(answer.cookies[COOKIE], folder / "keys/jwks.json")
    assert (told["sub"], told["grants"]) == ("county", [{"role": "county", "unit": "410183"}])
    assert int(str(told["exp"])) - int(str(told["iat"])) == 36_000
    assert "县级管理员" in (await origin.http.get("/")).text.split("<main")[0]
    assert "Max-Age=0" in (await origin.http.post("/logout")).headers["set-cookie"]


async def test_a_program_gets_a_token_for_a_person(origin: Origin, folder: Path) -> None:
    token = (await origin.http.post("/_token", json={"account": "teacher-1"})).json()["token"]
    assert claims(token, folder / "keys/jwks.json")["grants"] == [{"role": "teacher", "person": "p1"}]


async def test_accounts_are_read_anew(origin: Origin, folder: Path) -> None:
    assert (await origin.http.post("/_token", json={"account": "late"})).json()["code"] == "unknown-account"
    written = [*read_accounts(folder), {**read_accounts(folder)[0], "account": "late"}]
    (folder / "accounts.json").write_text(json.dumps(written))
    assert (await origin.http.post("/_token", json={"account": "late"})).status_code == 200


WHERE = ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]


async def test_the_way_back_stays_on_this_site(origin: Origin) -> None:
    for where in WHERE:
        answer = await origin.http.post("/login", data={"account": "city", "next": where})
        assert answer.headers["location"] == "/"


FOREIGN = [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"},
           {"origin": "null"}]  # fmt: skip


@pytest.mark.parametrize("path", ["/login", "/logout", "/_step", "/notify/echo"])
async def test_other_sites_may_not_write(origin: Origin, path: str) -> None:
    for headers in FOREIGN:
        answer = await origin.http.post(path, data={"account": "city", "to": "day"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross-site-write")
    assert origin.service.seen == []


async def test_this_site_and_programs_may(origin: Origin) -> None:
    for headers in ({"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {}):
        assert (await origin.http.post("/logout", headers={"origin": origin.url, **headers})).status_code == 303


async def test_the_key_set_is_public_and_holds_no_secret(origin: Origin) -> None:
    (key,) = (await origin.http.get("/.well-known/jwks.json")).json()["keys"]
    assert (key["kty"], key["alg"]) == ("OKP", "EdDSA")
    assert "d" not in key


async def test_without_the_switch_there_is_no_login(folder: Path, origin: Origin) -> None:
    settings = settings_for(folder, origin.url, development_login=False, port=free_port())
    url = f"http://127.0.0.1:{settings.port}"
    async with served((create_app(settings), settings.port)):
        for path in ("/login", "/_token", "/.well-known/jwks.json"):
            assert (await origin.http.get(f"{url}{path}")).status_code == 404
        text = (await origin.http.get(f"{url}/", headers={"accept": "text/html"})).text
        assert "统一身份认证" in text
        assert "登录后可以查看年度进度" in text
        assert "示例年度" not in text


async def test_without_the_switch_a_provider_s_token_is_known(folder: Path, origin: Origin) -> None:
    """The key that signs the development login's tokens stands for the provider's: this gateway has its public half alone."""
    await origin.http.post("/login", data={"account": "county"})
    settings = settings_for(folder, origin.url, development_login=False, port=free_port())
    async with served((create_app(settings), settings.port)):
        text = (await origin.http.get(f"http://127.0.0.1:{settings.port}/", headers={"accept": "text/html"})).text
    assert "县级管理员" in text.split("<main")[0]
    assert "示例年度" in text


def test_a_key_that_services_do_not_know_is_refused_at_the_start(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = keys.provide(tmp_path / "one"), keys.provide(tmp_path / "two")
    with pytest.raises(KeyUnusable, match="public half"):
        Signer(one.signing_key, two.jwks, "shipei-local")
