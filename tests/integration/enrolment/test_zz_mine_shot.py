import re
from tests.integration.enrolment.test_classes_pages import *
from tests.integration.enrolment.test_classes_pages import desk as _d
import pytest_asyncio
from playwright.async_api import Browser

@pytest_asyncio.fixture
async def desk(run_service):
    stack = await run_service("enrolment", "gateway")
    dsns = stack.dsns["enrolment"]
    async with Database(dsns.writer, dsns.reader) as db, visitor(stack, "enrolment", "institution", unit="inst-001", name="示例师范大学") as staff:
        desk = Desk(stack, Classroom(await lay(db)), staff)
        room = desk.room
        await room.ground.quota()
        room.people = await room.ground.people(20)
        await room.ground.select(room.people)
        await desk.step(at(8, 2))
        yield desk

async def shoot(desk, browser, name, path, role="institution", **bound):
    bound = bound or {"unit": "inst-001"}
    t = token(desk.stack, role, name="示例师范大学" if role=="institution" else "测试", **bound)
    for w in (1366, 390):
        ctx = await browser.new_context(viewport={"width": w, "height": 900}, java_script_enabled=False)
        await ctx.add_cookies([{"name": "shipei_session", "value": t, "url": desk.stack.gateway}])
        page = await ctx.new_page()
        await page.goto(desk.stack.gateway + "/enrolment" + path)
        await page.screenshot(path=f"/tmp/plan/my-{name}-{w}.png", full_page=True)
        await ctx.close()

async def test_shots(desk, browser: Browser):
    await shoot(desk, browser, "new", "/new-class")
    made = await desk.send("/new-class", NEW)
    desk.room.class_id = made.headers["location"].split("/")[3]
    await shoot(desk, browser, "staff", desk.own("/page/staff"))
    roles = ("chief_expert", "subject_class_teacher", "life_class_teacher")
    names = {f"name-{r}-0": n for r, n in zip(roles, ("吴示例","郑样本","冯演示"))} | {f"phone-{r}-0": "13900088000" for r in roles}
    await desk.send(desk.own("/page/staff"), names)
    await shoot(desk, browser, "places", desk.own("/page/places"))
    unit = re.findall(r'name="unit" id="[^"]*" value="([^"]*)"', await desk.see(desk.own("/page/places")))
    await desk.send(desk.own("/page/places"), {"unit": unit})
    await desk.step(at(8, 5, 10))
    await shoot(desk, browser, "doc", desk.own("/documents/page?document=checkin-notice"))
    await desk.send(desk.own("/documents/page?document=checkin-notice") + "#" + desk.own("/documents/page"), {"sealed":"yes"}, files={"file": ("报到通知书.pdf", PDF, "application/pdf")})
    await desk.send(f"{desk.own()}#{desk.own('/page/open')}", {})
    await shoot(desk, browser, "opened", desk.own("/page?done=opened"))
    await desk.step(at(8, 17, 10))
    q = "&".join(f"{k}={v}" for k, v in {**day("starts", 8, 26), "cause": "institution"}.items())
    await shoot(desk, browser, "moveform", desk.own("/page/move"))
    await shoot(desk, browser, "move", f"{desk.own('/page/move')}?{q}")
    await shoot(desk, browser, "moveerr", f"{desk.own('/page/move')}?{q.replace('day=26','day=2')}")
    await shoot(desk, browser, "cancel", desk.own("/page/cancel"))
    await desk.send(f"{desk.own('/page/move')}?{q}#{desk.own('/page/move')}", {**day("starts", 8, 26), "cause": "institution"})
    await desk.step(at(8, 19, 9))
    await shoot(desk, browser, "class", desk.own("/page?done=moved"))
    await shoot(desk, browser, "classes", "/classes")
    await shoot(desk, browser, "me", "/me", "teacher", person=desk.room.people[3])
    await desk.step(at(8, 26, 10))
    last = None
    for p in desk.room.people[:17]:
        async with visitor(desk.stack, "enrolment", "teacher", person=p) as phone:
            pid = (await phone.get("/places")).json()["places"][0]["place_id"]
            code = (await phone.get(f"/places/{pid}/checkin-code")).json()
        if p == desk.room.people[5]:
            await shoot(desk, browser, "scan", f"/checkin/{code['token']}")
        last = await desk.send(desk.own("/checkin"), {"code": code["token"]})
    await shoot(desk, browser, "checkin", last.headers["location"].removeprefix("/enrolment"))
    headers = {**HTML, "authorization": f"Bearer {token(desk.stack, 'city', unit='410100')}"}
    page = await desk.staff.get(desk.own(), headers=headers)
    absent = re.findall(r"/enrolment/places/([^/]+)/absence", page.text)
    await shoot(desk, browser, "absence", f"/places/{absent[0]}/absence", "city", unit="410100")
    await desk.staff.post(f"/places/{absent[0]}/absence", data={"reason": "illness", "evidence": "medical_certificate", "idempotency_key": "b"}, headers=headers)
    await shoot(desk, browser, "city", desk.own(), "city", unit="410100")
    await desk.step(at(8, 27, 18))
    await shoot(desk, browser, "closing", desk.own("/checkin/closing"))
    await desk.send(desk.own("/checkin/closing"), {"held": "yes"})
    await desk.step(at(8, 30))
    leaving = re.findall(r"/enrolment/places/([^/]+)/leaving", await desk.see(desk.own()))
    await shoot(desk, browser, "leaving", f"/places/{leaving[0]}/leaving")
    await desk.send(f"/places/{leaving[0]}/leaving", {"statement": "多次缺课（合成）"})
    await desk.step(at(9, 10))
    await shoot(desk, browser, "completion", desk.own("/completion/page"))
    await shoot(desk, browser, "classen", desk.own("/page?lang=en"))
