"""The agents' console as agents meet it, the resident's chat page beside it."""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import threading
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from api.access.at_hand import COOKIE
from api.access.passwords import Passwords
from api.access.role import Role
from api.access.staff import StaffAccess
from bot.door import office_now
from bot.settings import load_settings
from tests.api.office import PASSWORD, QUICK
from tests.web import chatting
from tests.web.accessibility import barriers
from tests.web.conftest import PHONE, OpenContext, intercept, picture

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

DESK: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
SMALL_DESK: dict[str, Any] = {"viewport": {"width": 1024, "height": 768}}
QUESTION = "工伤认定要什么材料"
MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
MINE, COLLEAGUE, CLERK = "李敏", "王强", "陈查"
_sessions = itertools.count(1)


@pytest.fixture(scope="module")
def access(engine: Engine) -> StaffAccess:
    access = StaffAccess(engine.database, load_settings(), office_now, Passwords(QUICK))
    for name, role in ((MINE, Role.AGENT), (COLLEAGUE, Role.AGENT), (CLERK, Role.CLERK)):
        if access.store.find(name) is None:
            access.add_account(name, role, PASSWORD)
    return access


@pytest.fixture(autouse=True)
def clear_desk(engine: Engine) -> Iterator[None]:
    """The engine is the whole suite's: nobody waits who came in another test, and nobody is left to the next one."""

    def clear() -> None:
        engine.desk.release_lost(engine.services.now() + timedelta(days=1))
        for ticket in engine.desk.waiting():
            engine.desk.erase(ticket.session)

    clear()
    yield
    clear()


Says = Callable[..., str]


@pytest.fixture
def says(engine: Engine) -> Says:
    """Lets a resident of some channel say things and ask for a person; returns the session."""

    def run(work: Coroutine[Any, Any, None]) -> None:
        # Playwright has the event loop of the tests' thread.
        thread = threading.Thread(target=asyncio.run, args=(work,))
        thread.start()
        thread.join()

    def says(*texts: str, channel: str = "web", session: str | None = None) -> str:
        session = session or f"console-page-{next(_sessions):03d}"

        async def turns() -> None:
            for text in texts:
                await engine.turn(session, text, channel)

        run(turns())
        return session

    return says


def number_of(engine: Engine, session: str) -> str:
    ticket = engine.desk.open_ticket_of(session)
    assert ticket is not None
    return ticket.number


Sits = Callable[..., Page]


@pytest.fixture
def sits(open_context: OpenContext, access: StaffAccess, service: str) -> Sits:
    """Lets somebody sit down at the console: logged in, the page open and live."""

    def sits(name: str = MINE, device: dict[str, Any] = DESK, path: str = "/console") -> Page:
        context = open_context(device)
        token = secrets.token_urlsafe()
        access.store.open(name, token, office_now(), None, None)
        context.add_cookies([{"name": COOKIE, "value": token, "url": service, "httpOnly": True, "sameSite": "Strict"}])
        page = context.new_page()
        page.goto(path)
        return page

    return sits


@pytest.fixture
def resident(open_context: OpenContext) -> Page:
    page = open_context(PHONE).new_page()
    page.goto("/")
    return page


def line(page: Page, number: str) -> Locator:
    return page.locator(f".line[data-number='{number}']")


def opens(page: Page, number: str) -> None:
    line(page, number).click()
    expect(page.locator("[data-number]:not(.line)")).to_have_text(f"{number} 号")


def takes(page: Page, number: str) -> None:
    opens(page, number)
    page.keyboard.press("t")
    expect(page.locator("#words")).to_be_focused()


def bubbles(page: Page, author: str) -> Locator:
    return page.locator(f".entry.{author} .bubble")


# ---------------------------------------------------------------- side by side


def test_an_agent_and_a_resident_talk_to_each_other(sits: Sits, resident: Page, engine: Engine) -> None:
    agent = sits()
    chatting.ask(resident, QUESTION)
    chatting.say(resident, "转人工")
    expect(resident.locator("[data-desk]")).to_contain_text("正在为您转接")
    number = number_of(engine, chatting.kept(resident, "session")["id"])
    opens(agent, number)
    expect(agent).to_have_title(re.compile(r"^\(1\) "))
    expect(agent.locator(".entry.resident").first).to_contain_text(QUESTION)
    expect(agent.locator(".entry.resident .read").first).to_contain_text("工伤认定——工伤认定申请")
    expect(agent.locator("[data-state]")).to_contain_text("来访人正开着对话")

    agent.keyboard.press("t")
    expect(agent.locator("#words")).to_be_focused()
    expect(resident.locator("[data-desk]")).to_contain_text(f"工作人员 {MINE} 正在和您说话")
    agent.keyboard.type("您好，我来帮您。")
    expect(resident.locator("#typing")).to_contain_text(f"工作人员 {MINE} 正在输入")
    agent.keyboard.press("Control+Enter")
    expect(chatting.replies(resident).last).to_contain_text("您好，我来帮您。")
    expect(bubbles(agent, "agent")).to_have_text(["您好，我来帮您。"])
    expect(agent.get_by_text("还没有送到")).to_have_count(0)
    picture(resident, "console-resident-phone", full_page=False)

    resident.type("#words", "我的材料", delay=800)  # a sign every three seconds
    expect(agent.locator("[data-typing]")).to_have_text("来访人正在输入")
    chatting.say(resident, "那要多久")
    expect(bubbles(agent, "resident").last).to_have_text("那要多久")
    expect(agent.locator(".block-name").first).to_contain_text("办理时限")
    picture(agent, "console-talk", full_page=False)

    agent.keyboard.press("Escape")
    agent.keyboard.press("c")
    agent.get_by_label("已答复").check()
    agent.get_by_role("button", name="结束工单").click()
    expect(agent.locator("[data-state]")).to_have_text("已结束：已答复")
    expect(resident.get_by_text("人工服务结束了")).to_be_visible()
    expect(chatting.ask(resident, QUESTION)).to_contain_text("办理材料")


@pytest.mark.parametrize(("channel", "shown"), [("telegram", "Telegram"), ("wechat", "微信")])
def test_other_channels_are_served_alike(sits: Sits, says: Says, engine: Engine, channel: str, shown: str) -> None:
    session = says("转人工", channel=channel)
    number = number_of(engine, session)
    page = sits()
    expect(line(page, number)).to_contain_text(shown)
    takes(page, number)
    expect(page.locator("[data-state]")).to_contain_text("会自动送到")
    says("在吗", channel=channel, session=session)
    expect(bubbles(page, "resident").last).to_have_text("在吗")


# ---------------------------------------------------------------- the queue


def test_who_comes_is_heard_counted_and_told(sits: Sits, says: Says, engine: Engine) -> None:
    page = sits()
    expect(page.locator("[data-none=waiting]")).to_be_visible()
    number = number_of(engine, says("转人工"))
    expect(page.locator("[data-told]")).to_contain_text(f"新来一位：{number} 号")  # goes away by itself
    expect(line(page, number)).to_contain_text("要求人工")
    expect(line(page, number)).to_contain_text("第 1 位")
    expect(page.locator("[data-sound]")).to_have_attribute("data-rung", "1")
    expect(page).to_have_title(re.compile(r"^\(1\) "))


def test_a_page_that_is_told_to_be_quiet_stays_quiet(sits: Sits, says: Says, engine: Engine) -> None:
    page = sits()
    page.get_by_role("button", name="响铃：开").click()
    page.reload()
    expect(page.get_by_role("button", name="响铃：关")).to_be_visible()
    expect(page.locator("[data-none=waiting]")).to_be_visible()
    number = number_of(engine, says("转人工"))
    expect(line(page, number)).to_be_visible()
    expect(page.locator("[data-sound][data-rung]")).to_have_count(0)


def test_a_crisis_stands_out_and_says_what_to_do_first(sits: Sits, says: Says, engine: Engine) -> None:
    waiting = number_of(engine, says("转人工"))
    page = sits()
    expect(line(page, waiting)).to_be_visible()
    number = number_of(engine, says("我不想活了"))
    expect(page.locator("[data-list=waiting] .line").first).to_have_class(re.compile("urgent"))
    expect(page.locator("[data-told]")).to_have_text(f"危急：{number} 号，请马上接")
    opens(page, number)
    expect(page.locator("[data-crisis] li")).to_have_count(4)
    expect(page.locator("[data-crisis]")).to_contain_text("先稳住人")
    picture(page, "console-crisis", full_page=False)
    page.keyboard.press("t")
    expect(page.locator("#words")).to_have_value("我在，您慢慢说，我听着。")


def test_who_is_too_late_is_told_who_has_the_ticket(
    sits: Sits, says: Says, engine: Engine, expected_troubles: list[str]
) -> None:
    expected_troubles.append("409")
    number = number_of(engine, says("转人工"))
    page, theirs = sits(), sits(COLLEAGUE)
    expect(line(theirs, number)).to_be_visible()  # of somebody who is not there tickets are taken away again
    opens(page, number)

    def meanwhile(route: Route) -> None:
        engine.desk.take(number, COLLEAGUE, engine.services.now())
        route.continue_()

    intercept(page, "**/take", meanwhile)
    page.keyboard.press("t")
    expect(page.locator("[data-told]")).to_have_text(f"{number} 号刚被 {COLLEAGUE} 接手了。")
    expect(page.locator("[data-state]")).to_contain_text(f"由 {COLLEAGUE} 接待")
    expect(page.locator("[data-composer]")).to_be_hidden()


def test_a_ticket_that_is_handed_over_is_heard_of(sits: Sits, says: Says, engine: Engine) -> None:
    number = number_of(engine, says(QUESTION, "转人工"))
    mine, theirs = sits(), sits(COLLEAGUE)
    expect(line(theirs, number)).to_be_visible()
    takes(mine, number)
    mine.get_by_role("button", name="转给同事").click()
    mine.get_by_label(re.compile(f"{COLLEAGUE}，在岗")).check()
    mine.get_by_label("给同事的话").fill(MARKUP)
    picture(mine, "console-hand-over", full_page=False)
    mine.locator("#hand").get_by_role("button", name="转给同事").click()
    expect(theirs.locator("[data-told]")).to_have_text(f"{number} 号转给了您")
    opens(theirs, number)
    expect(theirs.locator("[data-notes]")).to_contain_text(MARKUP)
    expect(theirs.locator("[data-composer]")).to_be_visible()
    expect(mine.locator("[data-composer]")).to_be_hidden()


def test_who_is_away_for_a_while_is_seen_to_be_away(sits: Sits, says: Says, engine: Engine) -> None:
    number = number_of(engine, says("转人工"))
    mine, theirs = sits(), sits(COLLEAGUE)
    expect(line(theirs, number)).to_be_visible()
    takes(mine, number)
    theirs.get_by_role("button", name="暂离").click()
    expect(theirs.locator("[data-away]")).to_be_visible()
    mine.keyboard.press("Escape")
    mine.keyboard.press("h")
    expect(mine.locator("#hand")).to_contain_text(f"{COLLEAGUE}，暂离")
    mine.get_by_role("radio", name=COLLEAGUE).check()
    theirs.get_by_role("button", name="我回来了").click()
    expect(theirs.locator("[data-away]")).to_be_hidden()
    expect(mine.locator("#hand")).to_contain_text(f"{COLLEAGUE}，在岗")
    expect(mine.get_by_role("radio", name=COLLEAGUE)).to_be_checked()
    expect(mine.get_by_role("radio", name=COLLEAGUE)).to_be_focused()


# ---------------------------------------------------------------- replying


def test_a_console_is_worked_by_keyboard_alone(sits: Sits, says: Says, engine: Engine) -> None:
    first, second = (number_of(engine, says(QUESTION, "转人工")) for _ in range(2))
    page = sits()
    expect(line(page, second)).to_be_visible()
    for key, number in (("j", first), ("j", second), ("k", first)):
        page.keyboard.press(key)
        expect(line(page, number)).to_have_attribute("aria-current", "true")
    expect(page.locator(".ticket h2")).to_have_text(f"{first} 号")
    page.keyboard.press("t")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("您好。")
    expect(page.locator(".block-name").first).to_contain_text("办理材料")
    page.keyboard.press("Alt+1")
    expect(page.locator("#words")).to_have_value(
        re.compile("^您好。\n工伤认定——工伤认定申请，办理材料[^$]*（办事指南第 [0-9–、]+ 行）$")
    )
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("gsrd 电话")
    expect(page.locator(".block-name").first).to_contain_text("联系电话")
    page.keyboard.press("Enter")
    expect(page.locator("#words")).to_be_focused()
    expect(page.locator("#words")).to_have_value(re.compile("联系电话"))
    page.keyboard.press("Control+Enter")
    expect(bubbles(page, "agent")).to_contain_text(["您好。"])
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator(".why h4").first).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("#ending")).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("[data-state]")).to_contain_text("已结束：已答复")


def test_a_digit_in_a_reply_is_a_digit(sits: Sits, says: Says, engine: Engine) -> None:
    page = sits()
    takes(page, number_of(engine, says(QUESTION, "转人工")))
    expect(page.locator(".block")).not_to_have_count(0)
    page.keyboard.type("带2份")
    expect(page.locator("#words")).to_have_value("带2份")


def test_drafts_are_kept_each_with_its_ticket(sits: Sits, says: Says, engine: Engine) -> None:
    first, second = (number_of(engine, says("转人工")) for _ in range(2))
    page = sits()
    takes(page, first)
    page.keyboard.type("给第一位")
    takes(page, second)
    expect(page.locator("#words")).to_have_value("")
    page.keyboard.type("给第二位")
    page.reload()
    opens(page, first)
    expect(page.locator("#words")).to_have_value("给第一位")
    opens(page, second)
    expect(page.locator("#words")).to_have_value("给第二位")


def test_a_personal_number_goes_out_only_after_a_warning(
    sits: Sits, says: Says, engine: Engine, expected_troubles: list[str]
) -> None:
    expected_troubles.append("409")
    number = number_of(engine, says("转人工"))
    page = sits()
    takes(page, number)
    page.keyboard.type("您的手机是13800138000吗")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#warning")).to_be_visible()
    expect(page.get_by_role("button", name="回去改")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#words")).to_have_value("您的手机是13800138000吗")
    assert not [said for said in engine.desk.messages(number) if said.name == MINE]
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="照样发送").click()
    expect(bubbles(page, "agent")).to_have_text(["您的手机是13800138000吗"])


def test_canned_replies_are_added_used_and_deleted(sits: Sits, says: Says, engine: Engine) -> None:
    page = sits()
    takes(page, number_of(engine, says("转人工")))
    page.keyboard.press("Escape")
    page.keyboard.press("y")
    page.get_by_label("新的一句").fill(MARKUP)
    page.get_by_role("button", name="加上").click()
    expect(page.locator("[data-use]")).to_have_text([MARKUP])
    picture(page, "console-canned", full_page=False)
    page.locator("[data-use]").click()
    expect(page.locator("#words")).to_have_value(MARKUP)
    page.get_by_role("button", name="常用语").click()
    page.get_by_role("button", name=re.compile("^删除")).click()
    expect(page.get_by_text("还没有常用语。")).to_be_visible()


def test_what_residents_write_stays_text(sits: Sits, says: Says, engine: Engine) -> None:
    number = number_of(engine, says(MARKUP, "转人工"))
    page = sits()
    expect(line(page, number)).to_be_visible()
    before = page.title()
    opens(page, number)
    expect(bubbles(page, "resident").first).to_have_text(MARKUP)
    says(MARKUP, session=next(ticket.session for ticket in engine.desk.waiting() if ticket.number == number))
    expect(line(page, number)).to_contain_text(MARKUP)
    assert page.title() == before


def test_of_several_questions_each_is_told_how_it_is_understood(sits: Sits, says: Says, engine: Engine) -> None:
    page = sits()
    opens(page, number_of(engine, says("养老断了六年能不能补上，补一年要交多少钱？", "转人工")))
    page.locator(".entry.resident").first.get_by_role("button", name="为什么").click()
    why = page.locator(".why")
    expect(why).to_contain_text("一句里问了几样，分开来看")
    expect(why).to_contain_text("补一年要交多少钱：指南没有")
    picture(page, "console-why-questions")


def test_why_is_told_on_demand(sits: Sits, says: Says, engine: Engine) -> None:
    page = sits()
    opens(page, number_of(engine, says(QUESTION, "转人工")))
    why = page.locator(".entry.resident").first.get_by_role("button", name="为什么")
    why.click()
    expect(page.locator(".why")).to_contain_text("工伤认定——工伤认定申请")
    page.locator(".entry.resident").first.get_by_role("button", name="收起理由").click()
    expect(page.locator(".why")).to_be_hidden()


# ---------------------------------------------------------------- a bad line


def test_what_was_said_while_the_line_was_down_comes_after_it(
    sits: Sits, says: Says, engine: Engine, expected_troubles: list[str]
) -> None:
    expected_troubles.append("ERR_INTERNET_DISCONNECTED|Failed to load|WebSocket")
    session = says("转人工")
    page = sits()
    takes(page, number_of(engine, session))
    page.context.set_offline(True)
    expect(page.locator("[data-banner]")).to_contain_text("连接断了")
    says("有人吗", session=session)
    page.keyboard.type("稍等")
    page.context.set_offline(False)
    expect(bubbles(page, "resident").last).to_have_text("有人吗")
    expect(page.locator("[data-banner]")).to_be_hidden()
    expect(page.locator("#words")).to_have_value("稍等")


def test_a_browser_without_sockets_hears_all_the_same(sits: Sits, says: Says, engine: Engine) -> None:
    session = says("转人工")
    page = sits()
    page.add_init_script("delete window.WebSocket")
    page.reload()
    expect(page.locator("[data-banner]")).to_contain_text("每 3 秒刷新一次")
    takes(page, number_of(engine, session))
    says("有人吗", session=session)
    expect(bubbles(page, "resident").last).to_have_text("有人吗")


def test_a_session_that_was_ended_leads_to_the_login_and_loses_no_word(
    sits: Sits, says: Says, engine: Engine, access: StaffAccess, expected_troubles: list[str]
) -> None:
    expected_troubles.append("401|WebSocket")
    number = number_of(engine, says("转人工"))
    page = sits()
    takes(page, number)
    page.keyboard.type("写到一半")
    access.store.end_all(MINE)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-banner]")).to_contain_text("登录已经失效")
    page.get_by_role("link", name="重新登录").click()
    page.wait_for_url("**/login?next=/console", wait_until="load")
    page.get_by_label("用户名").fill(MINE)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    opens(page, number)
    expect(page.locator("#words")).to_have_value("写到一半")


# ---------------------------------------------------------------- who may


def test_who_is_not_logged_in_is_led_to_the_login(open_context: OpenContext) -> None:
    page = open_context(DESK).new_page()
    page.goto("/console")
    assert page.url.endswith("/login?next=/console")


def test_a_clerk_is_told_that_the_console_is_not_for_clerks(sits: Sits, expected_troubles: list[str]) -> None:
    expected_troubles.append("403")
    page = sits(CLERK)
    expect(page.locator(".queue")).to_have_count(0)
    expect(page.locator("h1")).to_be_visible()


# ---------------------------------------------------------------- looks


@pytest.mark.parametrize("device", [DESK, SMALL_DESK], ids=["1366", "1024"])
def test_everything_that_is_needed_is_on_the_screen(
    sits: Sits, says: Says, engine: Engine, device: dict[str, Any]
) -> None:
    page = sits(device=device)
    takes(page, number_of(engine, says(QUESTION, "转人工")))
    for part in ("[data-send]", "[data-close-ticket]", "#find", "[data-presence=here]", ".help"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == device["viewport"]["width"]
    picture(page, f"console-{device['viewport']['width']}", full_page=False)


@pytest.mark.parametrize("kept", ["{}", "{theme: 'dark'}", "{mode: 'elder'}"], ids=["light", "dark", "elder"])
def test_no_barriers_in_any_mode(sits: Sits, says: Says, engine: Engine, kept: str) -> None:
    crisis = number_of(engine, says(QUESTION, "我不想活了"))
    page = sits()
    page.evaluate(f"Object.entries({kept}).forEach(([key, value]) => localStorage.setItem(key, value))")
    page.reload()
    takes(page, crisis)
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator(".why h4").first).to_be_visible()
    assert not barriers(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_barriers_in_any_dialog(sits: Sits, says: Says, engine: Engine, theme: str) -> None:
    page = sits()
    page.evaluate("(theme) => localStorage.setItem('theme', theme)", theme)
    page.reload()
    takes(page, number_of(engine, says("转人工")))
    page.keyboard.press("Escape")
    for key, dialog in (("h", "hand"), ("c", "ending"), ("y", "canned"), ("?", "keys")):
        page.keyboard.press(key)
        expect(page.locator(f"#{dialog}")).to_be_visible()
        assert not barriers(page)
        page.keyboard.press("Escape")
        expect(page.locator(f"#{dialog}")).to_be_hidden()
