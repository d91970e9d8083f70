"""The residents' chat page, as people meet it on a phone and at a desk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from api.routes.chat_pages import questions
from bot.desk.ticket import Author
from tests.web.accessibility import barriers
from tests.web.chatting import ask, kept, replies, said, say, stored, texts_of
from tests.web.conftest import DESKTOP, PHONE, OpenContext, intercept, picture

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

MATERIALS = "社保卡丢了要带什么材料"
BRANCHED = "我退休要带什么材料"
MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
SCRIPT_BUDGET, WHOLE_BUDGET = 60_000, 150_000


@pytest.fixture
def tabs(open_context: OpenContext) -> Callable[[], Page]:
    """Opens tabs of one and the same browser."""
    context = open_context(DESKTOP)

    def tab() -> Page:
        page = context.new_page()
        page.goto("/")
        return page

    return tab


@pytest.fixture
def at_desk(tabs: Callable[[], Page]) -> Page:
    """The chat page on a desktop."""
    return tabs()


@pytest.fixture
def on_phone(phone: Page) -> Page:
    """The chat page on a phone."""
    phone.goto("/")
    return phone


# ---------------------------------------------------------------- asking


def test_a_question_is_answered_by_a_card_of_the_item(on_phone: Page) -> None:
    reply = ask(on_phone, MATERIALS)
    expect(reply.get_by_role("heading", level=2)).to_have_text("社会保障卡补领、换领、换发")
    expect(reply.get_by_role("heading", level=3)).to_have_text(["办理材料"])
    expect(reply.get_by_role("checkbox")).to_have_count(3)


def test_the_guides_lines_unfold_word_for_word(on_phone: Page, engine: Engine) -> None:
    reply = ask(on_phone, MATERIALS)
    reply.get_by_text("出处：办事指南第").click()
    facts = engine.services.base.by_id["card_replace"].facts
    wanted = [fact.text for fact in facts if fact.facet == "materials"]
    assert [line.split(" ", 1)[1] for line in reply.locator(".guide-lines li").all_inner_texts()] == wanted


def test_a_tick_is_still_there_after_a_reload(on_phone: Page) -> None:
    ask(on_phone, MATERIALS).get_by_role("checkbox").nth(1).check()
    expect(on_phone.locator(".count")).to_have_text("备好 1 样，共 3 样")
    on_phone.reload()
    expect(on_phone.get_by_role("checkbox").nth(1)).to_be_checked()
    expect(on_phone.get_by_role("checkbox").nth(0)).not_to_be_checked()


def test_a_choice_is_made_by_a_tap(on_phone: Page) -> None:
    asked = ask(on_phone, BRANCHED)
    asked.get_by_role("button", name="机关事业单位养老保险").tap()
    expect(replies(on_phone)).to_have_count(2)
    expect(said(on_phone).last).to_contain_text("机关事业单位养老保险")
    expect(asked.locator(".choice")).to_have_count(0)
    expect(asked.locator(".chosen")).to_have_text("机关事业单位养老保险 （已选）")


def test_a_choice_is_made_by_keyboard_alone(at_desk: Page) -> None:
    at_desk.keyboard.type(BRANCHED)
    at_desk.keyboard.press("Enter")
    choice = at_desk.get_by_role("button", name="企业职工养老保险")
    expect(choice).to_be_visible()
    for _ in range(60):
        at_desk.keyboard.press("Shift+Tab")
        if choice.evaluate("(button) => button === document.activeElement"):
            break
    at_desk.keyboard.press("Enter")
    expect(replies(at_desk)).to_have_count(2)
    expect(at_desk.locator("#words")).to_be_focused()


def test_a_life_event_leads_to_its_items(on_phone: Page) -> None:
    on_phone.get_by_text("上班受了伤").tap()
    on_phone.get_by_role("link", name="办工伤认定").tap()
    expect(on_phone.locator("[data-item=injury_determination]")).to_be_visible()


def test_what_was_looked_at_stands_under_recent_items(on_phone: Page) -> None:
    ask(on_phone, MATERIALS)
    on_phone.reload()
    on_phone.get_by_role("button", name="回到办事目录").tap()
    expect(on_phone.locator("[data-recent] a")).to_have_text(["社会保障卡补领、换领、换发"])


def test_numbers_and_links_are_there_to_tap(on_phone: Page) -> None:
    reply = ask(on_phone, "社保卡丢了怎么补")
    assert str(reply.locator("a[href^='tel:']").first.get_attribute("href")).startswith("tel:0777")
    for link in reply.locator(".taps a[target]").all():
        assert "noopener" in str(link.get_attribute("rel"))


def test_a_number_in_a_sentence_is_there_to_tap(on_phone: Page) -> None:
    reply = ask(on_phone, "今天天气怎么样")
    expect(reply.get_by_role("link", name="12333")).to_have_attribute("href", "tel:12333")


def test_the_steps_of_each_chart_stand_under_its_name(on_phone: Page) -> None:
    reply = ask(on_phone, "城乡居民养老保险参保登记分几步办")
    expect(reply.locator("h4")).to_have_text(["线上办理", "线下办理"])
    expect(reply.locator("ol.steps")).to_have_count(2)


def test_an_answer_begins_under_its_question(on_phone: Page) -> None:
    ask(on_phone, "社保卡丢了怎么补")
    expect(said(on_phone).last).to_be_in_viewport()


# ---------------------------------------------------------------- writing


def test_suggestions_are_picked_by_keyboard(at_desk: Page) -> None:
    at_desk.keyboard.type("gsrd")
    expect(at_desk.get_by_role("option").first).to_be_visible()
    at_desk.keyboard.press("ArrowDown")
    field = at_desk.locator("#words")
    chosen = at_desk.locator(f"#{field.get_attribute('aria-activedescendant')}")
    expect(chosen).to_have_attribute("aria-selected", "true")
    at_desk.keyboard.press("Enter")
    expect(at_desk.locator("[data-item=injury_determination]")).to_be_visible()


def test_escape_puts_suggestions_away_and_keeps_the_words(at_desk: Page) -> None:
    at_desk.keyboard.type("退休")
    expect(at_desk.get_by_role("option").first).to_be_visible()
    at_desk.keyboard.press("Escape")
    expect(at_desk.get_by_role("option")).to_have_count(0)
    expect(at_desk.locator("#words")).to_have_value("退休")


def test_enter_in_the_input_method_sends_nothing(at_desk: Page) -> None:
    at_desk.keyboard.type("tuixiu")
    at_desk.locator("#words").dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(at_desk.locator("#words")).to_have_value("tuixiu")
    expect(said(at_desk)).to_have_count(0)


def test_shift_and_enter_begin_a_new_line(at_desk: Page) -> None:
    at_desk.keyboard.type("一")
    at_desk.keyboard.press("Shift+Enter")
    at_desk.keyboard.type("二")
    expect(at_desk.locator("#words")).to_have_value("一\n二")


def test_near_the_limit_it_says_how_much_is_left(at_desk: Page) -> None:
    at_desk.fill("#words", "字" * 440)
    expect(at_desk.locator("[data-counter]")).to_be_hidden()
    at_desk.fill("#words", "字" * 490)
    expect(at_desk.locator("[data-counter]")).to_have_text("还能写 10 个字")


@pytest.mark.parametrize("text", [MARKUP, "javascript:alert(1)", "{{7*7}}"])
def test_markup_in_a_message_is_text(at_desk: Page, text: str) -> None:
    ask(at_desk, text)
    at_desk.reload()
    expect(said(at_desk)).to_contain_text([text])
    expect(at_desk.locator("#thread img, #thread script")).to_have_count(0)
    assert at_desk.title().startswith("问办事")


# ---------------------------------------------------------------- the network


def test_two_tabs_hear_the_same(tabs: Callable[[], Page]) -> None:
    first = tabs()
    ask(first, MATERIALS)
    second = tabs()
    expect(replies(second)).to_have_count(1)
    ask(second, "那要多久")
    expect(said(first)).to_contain_text([MATERIALS, "那要多久"])
    assert first.locator("#thread").inner_text() == second.locator("#thread").inner_text()


def test_two_tabs_without_websocket_hear_the_same(open_context: OpenContext) -> None:
    context = open_context(DESKTOP)
    context.add_init_script("delete window.WebSocket")
    first, second = context.new_page(), context.new_page()
    first.goto("/")
    ask(first, MATERIALS)
    second.goto("/")
    expect(replies(second)).to_have_count(1)
    ask(second, "那要多久")
    expect(said(first)).to_contain_text([MATERIALS, "那要多久"])
    expect(replies(first)).to_have_count(2)


def test_what_is_said_without_network_is_sent_once(at_desk: Page, service: str, expected_troubles: list[str]) -> None:
    expected_troubles += ["ERR_INTERNET_DISCONNECTED", "WebSocket"]
    ask(at_desk, MATERIALS)
    at_desk.context.set_offline(True)
    say(at_desk, "那要多久")
    expect(at_desk.locator("#status")).to_contain_text("没有网络")
    expect(at_desk.locator(".state", has_text="正在发送")).to_be_visible()
    at_desk.context.set_offline(False)
    expect(replies(at_desk)).to_have_count(2)
    expect(at_desk.locator("#status")).to_be_hidden()
    assert texts_of(stored(at_desk, service), "resident") == [MATERIALS, "那要多久"]


def test_what_was_said_without_network_outlives_the_page(
    at_desk: Page, service: str, expected_troubles: list[str]
) -> None:
    expected_troubles += ["ERR_INTERNET_DISCONNECTED", "WebSocket", "ERR_FAILED"]
    ask(at_desk, MATERIALS)
    intercept(at_desk, "**/api/v1/chat", lambda route: route.abort())
    say(at_desk, "那要多久")
    expect(at_desk.locator(".state", has_text="正在发送")).to_be_visible()
    at_desk.unroute("**/api/v1/chat")
    at_desk.reload()
    expect(replies(at_desk)).to_have_count(2)
    assert texts_of(stored(at_desk, service), "resident") == [MATERIALS, "那要多久"]


def test_a_message_whose_reply_was_lost_leads_one_turn(
    at_desk: Page, service: str, expected_troubles: list[str]
) -> None:
    expected_troubles += ["ERR_FAILED"]
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    intercept(at_desk, "**/api/v1/chat", lose_the_first)
    with at_desk.expect_response("**/api/v1/chat") as again:
        ask(at_desk, MATERIALS)
    assert again.value.json() == json.loads(lost[0])
    expect(said(at_desk)).to_have_count(1)
    expect(replies(at_desk)).to_have_count(1)
    assert texts_of(stored(at_desk, service), "resident") == [MATERIALS]


@pytest.mark.parametrize(("status", "words"), [(429, "您发得太快了"), (503, "现在来问的人多")])
def test_who_comes_too_fast_or_with_too_many_others_is_told_how_long_to_wait(
    at_desk: Page, expected_troubles: list[str], status: int, words: str
) -> None:
    expected_troubles += [str(status)]
    refusals = iter([{"status": status, "headers": {"Retry-After": "1"}, "body": "{}"}])

    def refuse_once(route: Route) -> None:
        refusal: Any = next(refusals, None)
        route.continue_() if refusal is None else route.fulfill(**refusal)

    intercept(at_desk, "**/api/v1/chat", refuse_once)
    say(at_desk, MATERIALS)
    expect(at_desk.locator("#status")).to_contain_text(f"{words}，请等 1 秒")
    expect(replies(at_desk)).to_have_count(1)


def test_a_session_that_is_no_longer_accepted_is_replaced_silently(at_desk: Page, expected_troubles: list[str]) -> None:
    expected_troubles += ["401", "WebSocket"]
    ask(at_desk, MATERIALS)
    session = kept(at_desk, "session")
    at_desk.evaluate(
        "(session) => localStorage.setItem('guide.session', JSON.stringify(session))", {**session, "token": "wrong"}
    )
    say(at_desk, "工伤认定要多久")
    expect(at_desk.locator("[data-item=injury_determination]")).to_be_visible()
    assert kept(at_desk, "session")["id"] != session["id"]


def test_refused_words_come_back_to_be_changed(at_desk: Page, expected_troubles: list[str]) -> None:
    expected_troubles += ["422"]
    intercept(at_desk, "**/api/v1/chat", lambda route: route.fulfill(status=422, body="{}"))
    say(at_desk, MATERIALS)
    at_desk.get_by_role("button", name="改一改再发").click()
    expect(at_desk.locator("#words")).to_have_value(MATERIALS)
    at_desk.unroute("**/api/v1/chat")
    at_desk.keyboard.press("Enter")
    expect(replies(at_desk)).to_have_count(1)


def test_who_reads_further_up_is_told_of_news_and_not_pulled_down(tabs: Callable[[], Page]) -> None:
    first, second = tabs(), tabs()
    ask(first, "社保卡丢了怎么补")
    expect(said(first).last).to_be_in_viewport()  # placed for good, before the reader goes elsewhere
    first.evaluate("document.getElementById('log').scrollTop = 0")
    expect(replies(second)).to_have_count(1)
    ask(second, "工伤认定要多久")
    first.get_by_role("button", name="有新消息").click()
    expect(first.locator("[data-item=injury_determination]")).to_be_in_viewport()


# ---------------------------------------------------------------- links


@pytest.mark.parametrize("item", ["card_replace", "unemployment_death_benefit"])
def test_a_link_opens_its_item_once(desktop: Page, service: str, item: str) -> None:
    desktop.goto(f"/#/items/{item}")
    expect(desktop.locator(f"[data-item={item}]")).to_be_visible()
    assert desktop.url == f"{service}/"
    desktop.goto(f"/#/items/{item}")
    desktop.reload()
    expect(replies(desktop)).to_have_count(1)


def test_every_item_is_what_its_link_asks_for(engine: Engine, service: str) -> None:
    wrong = []
    with httpx.Client(base_url=service) as client:
        for item, text in questions(engine.services).items():
            turn = client.post("/api/v1/chat", json={"session_id": f"link-{item}", "text": text}).json()
            if turn["decision"] != "answer" or turn["items"][0]["id"] != item:
                wrong.append(f"{item}: {text}: {turn['decision']}")
    assert not wrong


def test_the_list_to_print_has_the_papers_shown(at_desk: Page) -> None:
    reply = ask(at_desk, MATERIALS)
    with at_desk.context.expect_page() as opened:
        reply.get_by_role("button", name="打印").click()
    expect(opened.value.locator("li.paper")).to_have_count(3)


def test_the_link_to_oneself_names_papers_and_nobody(at_desk: Page) -> None:
    at_desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    at_desk.evaluate("delete Navigator.prototype.share")
    ask(at_desk, MATERIALS).get_by_role("button", name="发给自己").click()
    expect(at_desk.locator("#status")).to_contain_text("已经复制")
    address = at_desk.evaluate("navigator.clipboard.readText()")
    assert re.search(r"/items/card_replace/list\?lines=[\d,-]+&edition=[^&]+$", address)


def test_the_list_becomes_a_picture(at_desk: Page) -> None:
    ask(at_desk, MATERIALS).get_by_role("button", name="存为图片").click()
    dialog = at_desk.get_by_role("dialog", name="材料清单图片")
    expect(dialog.locator("canvas")).to_be_visible()
    with at_desk.expect_download() as download:
        dialog.get_by_role("link", name="保存图片").click()
    assert download.value.suggested_filename == "社会保障卡补领、换领、换发.png"
    at_desk.keyboard.press("Escape")
    expect(at_desk.get_by_role("button", name="存为图片")).to_be_focused()


# ---------------------------------------------------------------- modes, thumbs, voice


def test_elder_and_dark_are_kept(on_phone: Page) -> None:
    on_phone.get_by_role("button", name="大字版").tap()
    on_phone.get_by_text("更多", exact=True).tap()
    on_phone.get_by_role("button", name="深色").tap()
    on_phone.reload()
    expect(on_phone.locator("html")).to_have_attribute("data-mode", "elder")
    expect(on_phone.locator("html")).to_have_attribute("data-theme", "dark")


def test_elder_mode_asks_for_short_sentences_and_offers_few_choices(on_phone: Page) -> None:
    on_phone.get_by_role("button", name="大字版").tap()
    with on_phone.expect_request("**/api/v1/chat") as asked:
        reply = ask(on_phone, "社保卡丢了怎么补")
    assert json.loads(asked.value.post_data or "")["elder"] is True
    choices = reply.locator(".choice")
    expect(choices).to_have_count(3)
    reply.get_by_role("button", name="看更多选项").tap()
    expect(choices).to_have_count(4)


def test_a_thumb_up_is_kept(at_desk: Page) -> None:
    up = ask(at_desk, MATERIALS).get_by_role("button", name="有用")
    with at_desk.expect_response("**/api/v1/feedback") as given:
        up.click()
    assert given.value.status == 204
    expect(up).to_have_attribute("aria-pressed", "true")


def test_a_thumb_down_asks_why(at_desk: Page) -> None:
    down = ask(at_desk, MATERIALS).get_by_role("button", name="没用")
    down.click()
    dialog = at_desk.get_by_role("dialog", name="哪里没有帮到您")
    dialog.get_by_label("没说全").check()
    dialog.get_by_label("还想说什么").fill("少了照片要求")
    with at_desk.expect_response("**/api/v1/feedback") as given:
        dialog.get_by_role("button", name="提交").click()
    assert given.value.status == 204
    assert json.loads(given.value.request.post_data or "")["reason"] == "incomplete"
    expect(down).to_be_focused()


def test_an_answer_is_read_aloud_without_its_sources(open_context: OpenContext) -> None:
    context = open_context(DESKTOP)
    context.add_init_script(
        "window.spoken = []; Object.defineProperty(window, 'speechSynthesis', "
        "{value: {speak: (part) => spoken.push(part.text), cancel: () => {}}})"
    )
    page = context.new_page()
    page.goto("/")
    ask(page, MATERIALS).get_by_role("button", name="朗读").click()
    spoken = "".join(page.evaluate("spoken"))
    assert "社会保障卡服务申请表" in spoken
    assert "出处" not in spoken


# ---------------------------------------------------------------- a person


def test_a_person_is_called_comes_writes_and_leaves(at_desk: Page, engine: Engine) -> None:
    at_desk.get_by_role("button", name="转人工").click()
    bar = at_desk.locator("#desk")
    expect(bar).to_contain_text("正在为您转接")
    number = re.search(r"\d{4}-\d{3}", bar.inner_text())
    assert number is not None
    ticket, now = number.group(), engine.services.now()
    engine.desk.take(ticket, "小王", now)
    expect(bar).to_contain_text("小王 正在和您说话")
    engine.desk.say(ticket, Author.AGENT, "小王", MARKUP, now)
    expect(replies(at_desk).last).to_contain_text(MARKUP)
    expect(replies(at_desk).last).to_contain_text("工作人员 小王")
    before = replies(at_desk).count()
    say(at_desk, "谢谢")
    expect(said(at_desk).last).to_contain_text("谢谢")
    assert replies(at_desk).count() == before
    engine.desk.close(ticket, "小王", "答复了", now)
    expect(at_desk.locator(".notice-line")).to_contain_text("人工服务结束了")
    expect(bar).to_be_hidden()


def test_who_does_not_want_to_wait_calls_it_off(on_phone: Page) -> None:
    on_phone.get_by_role("button", name="转人工").tap()
    on_phone.get_by_role("button", name="不等了").tap()
    expect(on_phone.locator("#desk")).to_be_hidden()
    expect(replies(on_phone).last).to_contain_text("已经取消")


# ---------------------------------------------------------------- starting over


def test_starting_over_erases_the_conversation_everywhere(tabs: Callable[[], Page], service: str) -> None:
    first = tabs()
    ask(first, MATERIALS).get_by_role("checkbox").first.check()
    session = kept(first, "session")
    second = tabs()
    expect(replies(second)).to_have_count(1)
    first.get_by_text("更多", exact=True).click()
    first.get_by_role("button", name="清空重来").click()
    dialog = first.get_by_role("dialog", name="清空对话")
    expect(dialog.get_by_role("button", name="不清空")).to_be_focused()
    dialog.get_by_role("button", name="清空", exact=True).click()
    expect(replies(first)).to_have_count(0)
    expect(replies(second)).to_have_count(0)
    assert stored(first, service, session) == []
    assert [kept(first, key) for key in ("session", "ticks", "recent")] == [None, None, None]
    ask(second, MATERIALS)
    expect(replies(first)).to_have_count(1)


# ---------------------------------------------------------------- without script, on slow links, for everybody


def test_without_script_everything_leads_to_the_items(open_context: OpenContext) -> None:
    page = open_context({**PHONE, "java_script_enabled": False}).new_page()
    page.goto("/")
    expect(page.get_by_role("link", name="查看全部事项")).to_be_visible()
    expect(page.locator("#composer")).to_be_hidden()
    page.get_by_text("要退休了").tap()
    page.get_by_role("link", name="先查缴费年限").tap()
    expect(page).to_have_url(re.compile("/items/personal_rights_record$"))


def test_the_first_page_is_light(phone: Page) -> None:
    requests: list[Request] = []

    def keep(request: Request) -> None:
        requests.append(request)

    phone.on("requestfinished", keep)
    phone.goto("/", wait_until="networkidle")
    weights = [(request.resource_type, len(body_of(request))) for request in requests]
    scripts = [weight for kind, weight in weights if kind == "script"]
    assert len(scripts) > 10
    assert sum(scripts) <= SCRIPT_BUDGET
    assert sum(weight for _, weight in weights) <= WHOLE_BUDGET


def body_of(request: Request) -> bytes:
    response = request.response()
    assert response is not None
    return response.body()


def in_mode(context: BrowserContext, mode: str) -> Page:
    page = context.new_page()
    page.add_init_script(
        {
            "light": "localStorage.setItem('theme', 'light')",
            "dark": "localStorage.setItem('theme', 'dark')",
            "elder": "localStorage.setItem('mode', 'elder')",
        }[mode]
    )
    page.goto("/")
    return page


@pytest.mark.parametrize(
    ("size", "mode"), [("phone", "light"), ("phone", "dark"), ("phone", "elder"), ("desktop", "light")]
)
def test_nobody_meets_a_barrier(open_context: OpenContext, size: str, mode: str) -> None:
    page = in_mode(open_context(PHONE if size == "phone" else DESKTOP), mode)
    picture(page, f"chat-{size}-{mode}-start", full_page=False)
    if size == "phone":
        assert not barriers(page)
    ask(page, BRANCHED)
    ask(page, "1")
    ask(page, "转人工")
    expect(page.locator("#desk")).to_be_visible()
    picture(page, f"chat-{size}-{mode}-answers", full_page=False)
    assert not barriers(page)
    page.get_by_text("更多", exact=True).click()
    page.get_by_role("button", name="清空重来").click()
    picture(page, f"chat-{size}-{mode}-dialog", full_page=False)
    if size == "phone":
        assert not barriers(page)
    page.get_by_role("button", name="清空", exact=True).click()
    expect(replies(page)).to_have_count(0)
