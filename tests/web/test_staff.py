"""The staff lookup as a clerk with a caller on the line meets it; logging in, and one's account."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import APIResponse, BrowserContext, Page, Route, expect

from api.access.at_hand import COOKIE
from api.access.passwords import Passwords
from api.access.role import Role
from api.access.staff import StaffAccess
from bot.answering.short_message import LONGEST_PART
from bot.door import office_now
from bot.settings import load_settings
from tests.api.office import NEW_PASSWORD, PASSWORD, QUICK
from tests.web.accessibility import barriers
from tests.web.conftest import PHONE, OpenContext, intercept, picture

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

CLERK, COLLEAGUE, EDITOR, BLOCKED, NEWCOMER = "黄小梅", "李四", "韦编辑", "陈大海", "莫新来"
DESK = {"viewport": {"width": 1366, "height": 768}}
NORMAL, EARLY = "retirement_normal", "retirement_early"
ENTERPRISE = "企业职工养老保险（含灵活就业）"
MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
MODES = [("light", "standard"), ("dark", "standard"), ("light", "elder")]

OpenDesk = Callable[..., Page]
LogIn = Callable[[BrowserContext, str], None]


@pytest.fixture(scope="module", autouse=True)
def access(engine: Engine) -> StaffAccess:
    """The office's people."""
    access = StaffAccess(engine.database, load_settings(), office_now, Passwords(QUICK))
    for name in (CLERK, COLLEAGUE, BLOCKED, NEWCOMER):
        access.add_account(name, Role.CLERK, PASSWORD)
    access.add_account(EDITOR, Role.EDITOR, PASSWORD)
    return access


@pytest.fixture
def log_in(access: StaffAccess, service: str) -> LogIn:
    """Logs somebody in without the form, which has tests of its own."""

    def log_in(context: BrowserContext, name: str) -> None:
        token = secrets.token_urlsafe()
        access.store.open(name, token, office_now(), None, None)
        context.add_cookies([{"name": COOKIE, "value": token, "url": service, "httpOnly": True, "sameSite": "Strict"}])

    return log_in


@pytest.fixture
def open_desk(open_context: OpenContext, log_in: LogIn) -> OpenDesk:
    """Opens the lookup as somebody sees it who is logged in in a browser of their own."""

    def open_desk(name: str = CLERK, path: str = "/staff") -> Page:
        context = open_context(DESK)
        log_in(context, name)
        page = context.new_page()
        page.goto(path)
        return page

    return open_desk


@pytest.fixture
def desk(open_desk: OpenDesk) -> Page:
    return open_desk()


def find(page: Page, text: str) -> None:
    """Type *text* into the field and open the first item found."""
    page.locator("#field").fill("")
    page.locator("#field").press_sequentially(text)
    page.keyboard.press("Enter")


def open_item(page: Page, item: str) -> None:
    page.goto(f"/staff#/items/{item}")
    expect(page.locator(".item-title")).to_be_visible()


def titles(page: Page) -> list[str]:
    return page.locator(".option-title").all_inner_texts()


def fill_in(page: Page, name: str, password: str) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")


# ---------------------------------------------------------------- logging in


def test_without_a_session_one_logs_in_first(open_context: OpenContext) -> None:
    page = open_context(DESK).new_page()
    page.goto("/staff#/items/card_replace")
    expect(page.locator("#name")).to_be_focused()
    picture(page, "staff-login")
    fill_in(page, CLERK, PASSWORD)
    expect(page.locator(".item-title")).to_have_text("社会保障卡补领、换领、换发")


def test_a_wrong_password_is_told_and_the_name_stays(open_context: OpenContext, expected_troubles: list[str]) -> None:
    expected_troubles.append("401")
    page = open_context(DESK).new_page()
    page.goto("/login")
    fill_in(page, CLERK, "a wrong password")
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不对，请检查后再试。")
    expect(page.locator("[data-problem]")).to_be_focused()
    expect(page.locator("#name")).to_have_value(CLERK)


def test_an_empty_field_is_told_beside_it(open_context: OpenContext) -> None:
    page = open_context(DESK).new_page()
    page.goto("/login")
    page.get_by_role("button", name="登录").click()
    expect(page.locator("#name")).to_be_focused()
    expect(page.locator("#name")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#name-error")).to_have_text("请填写用户名")


def test_after_too_many_tries_it_is_told_how_long_to_wait(
    open_context: OpenContext, expected_troubles: list[str]
) -> None:
    expected_troubles += ["401", "429"]
    context = open_context(DESK)
    for _ in range(5):
        context.request.post("/api/v1/staff/login", data={"name": BLOCKED, "password": "a wrong password"})
    page = context.new_page()
    page.goto("/login")
    fill_in(page, BLOCKED, PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text(re.compile("密码错得太多，请等 1[45] 分钟"))


@pytest.mark.parametrize(
    ("after", "where"),
    [("/console", "/console"), ("https://evil.example", "/staff"), ("//evil.example", "/staff"), ("/items", "/staff")],
)
def test_a_login_leads_only_to_the_offices_pages(http: httpx.Client, after: str, where: str) -> None:
    assert f'data-next="{where}"' in http.get("/login", params={"next": after}).text


def test_the_offices_pages_are_kept_nowhere(http: httpx.Client) -> None:
    for path in ("/login", "/staff", "/account"):
        assert http.get(path).headers["cache-control"] == "no-store"


def test_who_logs_out_is_out(desk: Page) -> None:
    desk.get_by_role("button", name="退出").click()
    expect(desk.locator("[data-told]")).to_have_text("已经退出。")
    desk.goto("/staff")
    expect(desk.locator("#name")).to_be_visible()


# ---------------------------------------------------------------- looking up


def test_initials_and_enter_open_an_item(desk: Page) -> None:
    expect(desk.locator("#field")).to_be_focused()
    desk.keyboard.type("zctx")
    desk.keyboard.press("Enter")
    expect(desk.locator(".item-title")).to_have_text("职工正常退休（职）申请")
    expect(desk.locator(".item-title")).to_be_focused()


def test_it_is_told_why_an_item_was_found(desk: Page) -> None:
    desk.keyboard.type("户口簿")
    expect(desk.locator(".option-why").first).to_have_text("材料：户口簿")
    expect(desk.locator(".option-fact").first).to_contain_text("户口簿")
    picture(desk, "staff-results")


def test_arrow_keys_choose_and_enter_opens_what_is_chosen(desk: Page) -> None:
    desk.keyboard.type("退休")
    expect(desk.locator(".option-title").nth(2)).to_be_visible()
    second = titles(desk)[1]
    desk.keyboard.press("ArrowDown")
    chosen = desk.locator(f"#{desk.locator('#field').get_attribute('aria-activedescendant')}")
    expect(chosen).to_have_attribute("aria-selected", "true")
    desk.keyboard.press("Enter")
    expect(desk.locator(".item-title")).to_have_text(second)


def test_a_facet_that_is_named_gets_the_focus(desk: Page) -> None:
    find(desk, "正常退休 材料")
    expect(desk.locator("#facet-materials")).to_be_focused()


def test_a_late_answer_is_dropped(open_context: OpenContext, log_in: LogIn) -> None:
    context = open_context(DESK)
    log_in(context, CLERK)
    context.add_init_script("delete window.AbortController")
    page = context.new_page()
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route(re.compile(r"/search\?q=g&"), hold)
    page.goto("/staff")
    page.keyboard.type("g")
    page.wait_for_timeout(150)
    page.keyboard.type("srd")
    expect(page.locator(".option-row").first).to_have_attribute("data-item", "injury_determination")
    before = titles(page)
    for route in late:
        with page.expect_response(re.compile(r"/search\?q=g&")):
            route.continue_()
    assert late
    assert titles(page) == before


def test_without_the_service_it_is_told_and_the_search_goes_on_by_itself(
    desk: Page, expected_troubles: list[str]
) -> None:
    expected_troubles.append("ERR_FAILED")
    intercept(desk, "**/search?*", lambda route: route.abort())
    desk.keyboard.type("gsrd")
    expect(desk.get_by_role("alert").filter(has_text="连不上服务")).to_be_visible()
    desk.unroute("**/search?*")
    expect(desk.locator(".option-row").first).to_have_attribute("data-item", "injury_determination")


# ---------------------------------------------------------------- an item


def test_number_keys_jump_to_facets(desk: Page) -> None:
    find(desk, "zctx")
    expect(desk.locator(".item-title")).to_be_focused()
    for key, facet in (("2", "materials"), ("7", "phone"), ("0", "department")):
        desk.keyboard.press(key)
        expect(desk.locator(f"#facet-{facet}")).to_be_focused()


def test_with_alt_number_keys_jump_out_of_the_field_too(desk: Page) -> None:
    find(desk, "zctx")
    expect(desk.locator(".item-title")).to_be_focused()
    desk.keyboard.press("/")
    desk.keyboard.press("5")
    expect(desk.locator("#field")).to_have_value("5")
    desk.keyboard.press("Alt+5")
    expect(desk.locator("#facet-time_limit")).to_be_focused()


def test_a_case_hides_only_what_cannot_apply(desk: Page) -> None:
    open_item(desk, NORMAL)
    everything = desk.locator("[data-fact]").count()
    desk.get_by_role("button", name=ENTERPRISE).click()
    expect(desk.locator("[data-hidden-count]")).to_contain_text("已隐去")
    phones = desk.locator("[data-facet=phone]")
    expect(phones).to_contain_text("企业养老")
    expect(phones).not_to_contain_text("机关事业")
    expect(desk.locator("[data-facet=conditions] [data-fact]")).to_have_count(2)
    picture(desk, "staff-case")
    desk.get_by_role("button", name="全部", exact=True).click()
    expect(desk.locator("[data-fact]")).to_have_count(everything)


def test_a_doubtful_statement_has_the_doubt_beside_it(desk: Page) -> None:
    open_item(desk, "benefit_eligibility_confirm")
    doubted = desk.locator("[data-fact]").filter(has_text="各地根据实际情况填写")
    expect(doubted.locator(".doubt")).to_contain_text("模板残留")


def test_what_is_open_is_open_after_a_reload(desk: Page) -> None:
    find(desk, "zctx")
    expect(desk.locator(".item-title")).to_be_visible()
    desk.reload()
    expect(desk.locator(".item-title")).to_have_text("职工正常退休（职）申请")
    expect(desk.locator("[role=group][aria-label=最近看过]")).to_contain_text("职工正常退休（职）申请")


def test_two_items_stand_side_by_side_by_keyboard_alone(desk: Page) -> None:
    find(desk, "zctx")
    expect(desk.locator(".item-title")).to_be_focused()
    desk.keyboard.press("c")
    expect(desk.locator("[role=group][aria-label=容易弄混的]")).to_contain_text("职工提前退休")
    desk.keyboard.type("tqtx")
    desk.keyboard.press("Enter")
    expect(desk.locator(".compared thead th")).to_have_text(["职工正常退休（职）申请", "职工提前退休（退职）申请"])
    expect(desk.locator("[data-facet=fee]")).to_have_class("is-same")
    expect(desk.locator("[data-facet=materials] .row-changed mark").first).to_be_visible()
    picture(desk, "staff-compare")
    desk.keyboard.press("d")
    expect(desk.locator("[data-facet=fee]")).to_be_hidden()
    desk.get_by_role("button", name="结束对照").click()
    expect(desk.locator(".item-title")).to_have_text("职工正常退休（职）申请")


# ---------------------------------------------------------------- copying


def clipboard(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_what_is_shown_is_what_is_copied(desk: Page) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_item(desk, NORMAL)
    desk.get_by_role("button", name="复制 办理材料").click()
    shown = desk.locator("[data-copy-shown] .copy-text")
    expect(shown).to_contain_text("出处：办事指南第")
    desk.locator("[data-copy-do]").click()
    expect(desk.locator("[data-copy-status]")).to_have_text("已复制")
    assert clipboard(desk) == shown.evaluate("(text) => text.textContent")
    assert "联系电话" not in clipboard(desk)
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("button", name="复制 办理材料")).to_be_focused()


def test_a_caller_gets_short_messages(desk: Page) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    find(desk, "zctx")
    expect(desk.locator(".item-title")).to_be_focused()
    desk.keyboard.press("f")
    desk.get_by_role("radio", name="短信").check()
    parts = desk.locator(".copy-parts .copy-text")
    expect(parts.first).to_contain_text("(1/")
    texts = [part.evaluate("(text) => text.textContent") for part in parts.all()]
    assert max(map(len, texts)) <= LONGEST_PART
    assert re.search(r"/i/\w{4}$", texts[-1])
    picture(desk, "staff-short-message")
    desk.get_by_role("button", name="复制第 2 条").click()
    expect(desk.locator("[data-copy-status]")).to_have_text("第 2 条已复制")
    assert clipboard(desk) == texts[1]
    desk.locator("[data-copy-do]").click()
    expect(desk.locator("[data-copy-status]")).to_have_text("已复制")
    assert clipboard(desk) == "\n\n".join(texts)


# ---------------------------------------------------------------- notes and pins


def write_note(page: Page, text: str) -> None:
    page.locator("[data-act=write_note]").click()
    page.fill("#note-text", text)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".note-text").filter(has_text=text)).to_be_visible()


def test_a_note_is_seen_by_a_colleague_as_the_offices_own(desk: Page, open_desk: OpenDesk) -> None:
    open_item(desk, "card_loss_report")
    write_note(desk, "每月25日后到窗口，当月来不及办。")
    colleague = open_desk(COLLEAGUE, "/staff#/items/card_loss_report")
    note = colleague.locator(".office-note").filter(has_text="每月25日后到窗口")
    expect(note).to_contain_text("本单位备注")
    expect(note).to_contain_text(CLERK)
    expect(note.get_by_role("button")).to_have_count(0)


def test_markup_in_a_note_is_text(desk: Page) -> None:
    open_item(desk, "card_loss_report")
    write_note(desk, MARKUP)
    desk.reload()
    expect(desk.locator(".note-text").filter(has_text=MARKUP)).to_be_visible()
    expect(desk.locator("[data-sheet] img, [data-sheet] script")).to_have_count(0)
    assert desk.title().startswith("查询台")


def test_a_note_is_changed_and_deleted(desk: Page) -> None:
    open_item(desk, EARLY)
    write_note(desk, "先写的")
    desk.locator(".office-note").get_by_role("button", name="修改").click()
    desk.fill("#note-text", "后改的")
    desk.select_option("#note-facet", "fee")
    desk.get_by_role("button", name="保存").click()
    expect(desk.locator("[data-facet=fee] .note-text")).to_have_text("后改的")
    desk.locator(".office-note").get_by_role("button", name="删除").click()
    desk.get_by_role("button", name="删除", exact=True).click()
    expect(desk.locator(".office-note")).to_have_count(0)


@pytest.mark.parametrize(
    ("when", "item"), [("while it is being saved", "card_replace"), ("after it is saved", "card_apply")]
)
def test_a_note_is_kept_when_the_others_come_late(desk: Page, when: str, item: str) -> None:
    held: dict[str, tuple[Route, APIResponse]] = {}

    def hold(route: Route) -> None:
        if route.request.method in held:
            route.continue_()
        else:
            held[route.request.method] = (route, route.fetch())

    def let_go(method: str) -> None:
        while method not in held:
            desk.wait_for_timeout(10)
        route, answer = held[method]
        with desk.expect_event("requestfinished"):
            route.fulfill(response=answer)
        desk.evaluate("new Promise((done) => setTimeout(done, 100))")

    intercept(desk, f"**/api/v1/staff/items/{item}/notes", hold)
    open_item(desk, item)
    desk.locator("[data-act=write_note]").click()
    desk.locator("#note-text").fill("先到的")
    desk.locator("#note-text").press("Control+Enter")
    if when == "while it is being saved":
        let_go("GET")
    let_go("POST")
    if when == "after it is saved":
        let_go("GET")
    expect(desk.locator(".note-form")).to_have_count(0)
    expect(desk.locator(".note-text")).to_have_text(["先到的"])


def test_an_editor_deletes_what_others_wrote(desk: Page, open_desk: OpenDesk) -> None:
    open_item(desk, "injury_determination")
    write_note(desk, "过时的")
    editor = open_desk(EDITOR, "/staff#/items/injury_determination")
    note = editor.locator(".office-note")
    expect(note.get_by_role("button", name="修改")).to_have_count(0)
    note.get_by_role("button", name="删除").click()
    editor.get_by_role("button", name="删除", exact=True).click()
    expect(note).to_have_count(0)


def test_a_note_that_is_being_written_outlives_the_session(
    desk: Page, access: StaffAccess, expected_troubles: list[str]
) -> None:
    expected_troubles.append("401")
    open_item(desk, NORMAL)
    desk.locator("[data-act=write_note]").click()
    desk.keyboard.type("写到一半的备注")
    access.store.end_all(CLERK)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("[data-told]")).to_contain_text("没有保存的备注还在")
    fill_in(desk, CLERK, PASSWORD)
    expect(desk.locator("#note-text")).to_have_value("写到一半的备注")
    desk.get_by_role("button", name="保存").click()
    expect(desk.locator(".note-text")).to_contain_text(["写到一半的备注"])


def test_pins_stay_and_keep_their_order(open_desk: OpenDesk) -> None:
    page = open_desk(COLLEAGUE)
    pins = page.locator("[role=group][aria-label=收藏] .option-title")
    for item, title in ((NORMAL, "职工正常退休（职）申请"), ("card_replace", "社会保障卡补领、换领、换发")):
        open_item(page, item)
        expect(page.locator(".item-title")).to_have_text(title)
        page.locator("[data-pin]").click()
        expect(page.locator("[data-pin]")).to_have_attribute("aria-pressed", "true")
    expect(pins).to_have_text(["职工正常退休（职）申请", "社会保障卡补领、换领、换发"])
    page.locator("#field").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+ArrowUp")
    expect(pins).to_have_text(["社会保障卡补领、换领、换发", "职工正常退休（职）申请"])
    page.reload()
    expect(pins).to_have_text(["社会保障卡补领、换领、换发", "职工正常退休（职）申请"])


# ---------------------------------------------------------------- one's account


def test_a_new_password_and_the_end_of_other_sessions(open_desk: OpenDesk, expected_troubles: list[str]) -> None:
    expected_troubles += ["401", "403", "422"]
    other = open_desk(NEWCOMER)
    page = open_desk(NEWCOMER, "/account")
    expect(page.locator("[data-sessions] tbody tr")).to_have_count(2)
    picture(page, "staff-account")
    page.get_by_role("button", name="退出别处的全部登录").click()
    expect(page.locator("[data-sessions-told]")).to_have_text("已退出别处的 1 个登录")
    find(other, "zctx")
    expect(other.locator("#name")).to_be_visible()
    page.fill("#password", "a wrong password")
    page.fill("#new", NEW_PASSWORD)
    page.fill("#again", f"{NEW_PASSWORD}!")
    page.keyboard.press("Enter")
    expect(page.locator("#again-error")).to_have_text("两次写的新密码不一样")
    page.fill("#again", NEW_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#password-error")).to_have_text("现在的密码不对")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[data-told]")).to_contain_text("密码已经改好")


# ---------------------------------------------------------------- for everybody


def test_help_about_keys_opens_by_its_key_and_gives_the_focus_back(desk: Page) -> None:
    desk.keyboard.press("?")
    dialog = desk.get_by_role("dialog", name="快捷键")
    expect(dialog).to_be_visible()
    desk.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(desk.locator("#field")).to_be_focused()


def test_on_a_phone_nothing_is_cut_off(open_context: OpenContext, log_in: LogIn) -> None:
    context = open_context(PHONE)
    log_in(context, CLERK)
    page = context.new_page()
    page.goto(f"/staff#/items/{NORMAL}")
    expect(page.locator(".item-title")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "staff-phone")


@pytest.mark.parametrize(("theme", "mode"), MODES)
def test_no_state_of_the_page_has_barriers(open_context: OpenContext, log_in: LogIn, theme: str, mode: str) -> None:
    context = open_context(DESK)
    kept = f"localStorage.setItem('theme', '{theme}'); localStorage.setItem('mode', '{mode}')"
    context.add_init_script(f"if (location.protocol !== 'about:') {{ {kept} }}")
    page = context.new_page()
    page.goto("/login")
    found = barriers(page)
    log_in(context, CLERK)
    page.goto("/staff#/items/benefit_eligibility_confirm")
    expect(page.locator(".doubt").first).to_be_visible()
    page.locator("#field").fill("退休")
    expect(page.locator(".option-row").first).to_be_visible()
    page.locator("[data-act=write_note]").click()
    picture(page, f"staff-{theme}-{mode}")
    found += barriers(page)
    page.locator("[data-act=copy_item]").click()
    expect(page.locator("[data-copy-shown] .copy-text")).to_be_visible()
    found += barriers(page)
    page.goto(f"/staff#/items/{NORMAL}/with/{EARLY}")
    expect(page.locator(".compared")).to_be_visible()
    found += barriers(page)
    page.goto("/account")
    expect(page.locator("[data-sessions] table")).to_be_visible()
    found += barriers(page)
    assert not found
