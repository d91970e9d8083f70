"""The office's pages as editors and admins meet them: figures, review, training, the guide, accounts."""

from __future__ import annotations

import dataclasses
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Locator, Page, expect

from api.access.at_hand import COOKIE
from api.access.passwords import Passwords
from api.access.role import Role
from api.access.staff import StaffAccess
from bot.door import office_now
from bot.records.outcomes import Outcome
from bot.review.trainings import Trainings
from bot.settings import Limits, Settings, load_settings
from knowledge.building import GUIDE
from tests.api.office import NEW_PASSWORD, PASSWORD, QUICK
from tests.bot.engines import new_url, opened
from tests.bot.reviewing import BAD, GOOD, Beside, FakeWorkshop, Residents, small_project
from tests.web.accessibility import barriers
from tests.web.conftest import PHONE, OpenContext, picture

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

EDITOR, OTHER, ADMIN = "韦编辑", "覃编辑", "宁主任"
DESK: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
PAPER = 3099
"""The line of the first paper of card_replace."""

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def own_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a database of these tests: they switch the guide."""
    with opened(new_url(tmp_path_factory.mktemp("office"))) as engine:
        yield engine


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, own_engine: Engine) -> Settings:
    url = str(own_engine.database.engine.url)
    return dataclasses.replace(small_project(tmp_path_factory.mktemp("project")), database_url=url)


@pytest.fixture(scope="module")
def workshop() -> FakeWorkshop:
    return FakeWorkshop((GOOD, dataclasses.replace(GOOD, figure="wrong", is_ceiling=True, bound=0.035, value=0.02)))


@pytest.fixture(scope="module")
def app(own_engine: Engine, project: Settings, workshop: FakeWorkshop) -> FastAPI:
    from api.app import create_app

    plenty = Limits(calls_a_minute=100_000)
    secret = project.review_folder.parent / "service.secret"
    app = create_app(own_engine, dataclasses.replace(project, limits=plenty, secret_file=secret))
    app.state.trainings = Trainings(project, Beside(project, workshop).start)
    return app


@pytest.fixture(scope="module")
def service(app: FastAPI) -> Iterator[str]:
    """The address of a service of these tests' own, in the place of the suite's."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="wsproto", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture(scope="module")
def access(own_engine: Engine) -> StaffAccess:
    """The office's people."""
    access = StaffAccess(own_engine.database, load_settings(), office_now, Passwords(QUICK))
    for name, role in {EDITOR: Role.EDITOR, OTHER: Role.EDITOR, ADMIN: Role.ADMIN}.items():
        access.add_account(name, role, PASSWORD)
    return access


@pytest.fixture
def open_office(open_context: OpenContext, access: StaffAccess, service: str) -> Open:
    """Opens a page as somebody sees it who is logged in in a browser of their own."""

    def open_office(path: str, name: str = EDITOR, device: dict[str, Any] = DESK, theme: str = "light") -> Page:
        context = open_context({**device, "color_scheme": theme})
        token = secrets.token_urlsafe()
        access.store.open(name, token, office_now(), None, None)
        context.add_cookies([{"name": COOKIE, "value": token, "url": service, "httpOnly": True, "sameSite": "Strict"}])
        page = context.new_page()
        page.goto(path)
        return page

    return open_office


@pytest.fixture(scope="module", autouse=True)
def residents(own_engine: Engine) -> Residents:
    """A week of residents."""
    residents = Residents(own_engine.database)
    outcomes = [Outcome.ANSWERED, Outcome.ANSWERED, Outcome.CLARIFIED, Outcome.NOT_IN_GUIDE, Outcome.SMALL_TALK]
    for day in range(7):
        for number in range(5 + 3 * day):
            outcome = outcomes[number % len(outcomes)]
            text = {Outcome.CLARIFIED: "社保怎么弄", Outcome.NOT_IN_GUIDE: "生育津贴怎么领"}.get(outcome, "补卡")
            at = office_now() - timedelta(days=6 - day, minutes=number)
            residents.say(text, outcome, session=f"week-{day}-{number}", at=at)
    return residents


def message(page: Page, text: str) -> Locator:
    """Return the entry of the queue with that text."""
    return page.locator(".message").filter(has=page.get_by_text(text, exact=True)).first


def agree(page: Page, words: str) -> None:
    """Agree in the dialog that asks."""
    page.get_by_role("alertdialog").get_by_role("button", name=words).click()


# ---------------------------------------------------------------- getting there


def test_an_editor_gets_to_the_figures_by_logging_in(open_context: OpenContext, access: StaffAccess) -> None:
    assert access.store.find(EDITOR)
    page = open_context(DESK).new_page()
    page.goto("/office")
    page.get_by_label("用户名").fill(EDITOR)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="统计", level=1)).to_be_visible()


def test_the_office_is_found_from_the_lookup(open_office: Open) -> None:
    page = open_office("/staff")
    page.get_by_role("link", name="办公").click()
    expect(page).to_have_url(re.compile("/office$"))


# ---------------------------------------------------------------- statistics


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_can_be_looked_at_in_each_theme(open_office: Open, theme: str) -> None:
    page = open_office("/office", theme=theme)
    chart = page.locator("[data-chart*='/days.svg'] img")
    expect(chart).to_have_js_property("complete", True)
    assert chart.evaluate("image => image.naturalWidth") > 0
    assert chart.evaluate("image => image.currentSrc").endswith(f"theme={theme}")
    assert not barriers(page)
    picture(page, f"office-figures-{theme}")


def test_charts_follow_the_theme_that_one_chooses(open_office: Open) -> None:
    page = open_office("/office")
    page.get_by_role("button", name="深色").click()
    chart = page.locator("[data-chart*='/days.svg'] img")
    expect(chart).to_have_attribute("src", re.compile("theme=dark$"))


def test_every_chart_stands_as_a_table_below_it(open_office: Open) -> None:
    page = open_office("/office")
    page.locator("section", has_text="每天的咨询量").get_by_text("看表格").click()
    expect(page.get_by_role("table", name="每天的咨询量").get_by_role("row")).to_have_count(31)


def test_a_table_is_saved_for_a_spreadsheet(open_office: Open) -> None:
    page = open_office("/office")
    with page.expect_download() as saving:
        page.get_by_role("link", name="下载“问得最多的事项”的 CSV").click()
    assert saving.value.suggested_filename.startswith("问得最多的事项_")


def test_figures_fit_on_a_phone(open_office: Open) -> None:
    page = open_office("/office", device=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "office-figures-phone")


# ---------------------------------------------------------------- review


def test_an_editor_says_by_keyboard_what_a_message_means(open_office: Open, residents: Residents) -> None:
    residents.say("新卡啥时候到手", session="keyboard")
    page = open_office("/office/review")
    entry = message(page, "新卡啥时候到手")
    entry.get_by_role("button", name="判定").focus()
    page.keyboard.press("Enter")
    form = entry.get_by_role("form")
    expect(form).to_be_visible()
    form.get_by_label("结果怎么拿").focus()
    page.keyboard.press("Space")
    form.get_by_label("训练用的文字").press("Tab")
    picture(page, "office-review-form", full_page=False)
    form.get_by_role("button", name="保存判定").focus()
    page.keyboard.press("Enter")
    expect(entry.locator(".verdicts")).to_contain_text("我的判定")
    expect(entry.locator(".verdicts")).to_contain_text("结果怎么拿")
    assert not barriers(page)


def test_what_was_typed_stays_where_something_is_missing(
    open_office: Open, residents: Residents, expected_troubles: list[str]
) -> None:
    expected_troubles.append("422")
    residents.say("医院里能报多少", session="typed")
    page = open_office("/office/review")
    entry = message(page, "医院里能报多少")
    entry.get_by_role("button", name="判定").click()
    form = entry.get_by_role("form")
    form.get_by_label("不是问某个事项").check()
    form.get_by_label("训练用的文字").fill("医院里报多少")
    form.get_by_label("属于哪一类").select_option(label="指南不管的事")
    form.get_by_role("button", name="保存判定").click()
    expect(form.get_by_text("请选择内容")).to_be_visible()
    expect(form.get_by_label("训练用的文字")).to_have_value("医院里报多少")
    form.get_by_label("内容").select_option(label="医保")
    form.get_by_role("button", name="保存判定").click()
    expect(entry.locator(".verdicts")).to_contain_text("指南不管的事 · 医保")


def test_two_editors_who_differ_see_each_other(open_office: Open, residents: Residents) -> None:
    residents.say("办个证要几天", session="differ")
    one = message(open_office("/office/review"), "办个证要几天")
    one.get_by_role("button", name="没有用处").click()
    expect(one.locator(".verdicts")).to_contain_text("没有用处")
    page = open_office("/office/review", name=OTHER)
    page.get_by_role("button", name="已复核").click()
    other = message(page, "办个证要几天")
    expect(other.locator(".verdicts")).to_contain_text(EDITOR)
    other.get_by_role("button", name="判定").click()
    other.get_by_role("form").get_by_role("button", name="保存判定").click()
    expect(other.get_by_text("意见不一，暂不成为候选")).to_be_visible()
    picture(page, "office-review-differ", full_page=False)


def test_markup_in_a_message_stays_text(open_office: Open, residents: Residents) -> None:
    residents.say(MARKUP, session="markup")
    page = open_office("/office/review")
    expect(message(page, MARKUP).locator(".said")).to_have_text(MARKUP)
    assert page.title().startswith("复核")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_review_has_no_barriers(open_office: Open, residents: Residents, theme: str) -> None:
    residents.say("这句没人懂", Outcome.UNREADABLE, session="barriers")
    page = open_office("/office/review", theme=theme)
    entry = message(page, "这句没人懂")
    entry.get_by_role("button", name="判定").click()
    assert not barriers(page)
    picture(page, f"office-review-{theme}")


def test_the_review_fits_on_a_phone(open_office: Open, residents: Residents) -> None:
    residents.say("手机上看看", session="phone")
    page = open_office("/office/review", device=PHONE)
    message(page, "手机上看看").get_by_role("button", name="判定").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "office-review-phone", full_page=False)


# ---------------------------------------------------------------- training


def test_a_model_is_trained_measured_and_switched_to(open_office: Open, residents: Residents) -> None:
    residents.say("补卡要带啥", session="train")
    page = open_office("/office/review", name=ADMIN)
    entry = message(page, "补卡要带啥")
    entry.get_by_role("button", name="判定").click()
    entry.get_by_role("form").get_by_role("button", name="保存判定").click()
    expect(entry.locator(".verdicts")).to_contain_text("我的判定")
    page.get_by_role("button", name="开始训练").click()
    run = page.locator(".run").first
    expect(run).to_contain_text("检验通过")
    run.locator("summary").click()
    expect(run.get_by_role("table")).to_contain_text("至多 0.035")
    expect(run).to_contain_text("没有评测集")
    assert not barriers(page)
    picture(page, "office-training")
    run.get_by_role("button", name="切换到这个模型").click()
    agree(page, "切换到这个模型")
    expect(page.locator(".run").first).to_contain_text("使用中")
    page.get_by_role("button", name="换回上一个模型").click()
    agree(page, "换回上一个模型")
    expect(page.locator(".run").first).not_to_contain_text("使用中")


def test_a_model_that_was_refused_offers_no_switch(
    open_office: Open, residents: Residents, workshop: FakeWorkshop
) -> None:
    residents.say("卡坏了", session="refused")
    workshop.rows = (GOOD, BAD)
    page = open_office("/office/review", name=ADMIN)
    entry = message(page, "卡坏了")
    entry.get_by_role("button", name="判定").click()
    entry.get_by_role("form").get_by_role("button", name="保存判定").click()
    expect(entry.locator(".verdicts")).to_contain_text("我的判定")
    page.get_by_role("button", name="开始训练").click()
    run = page.locator(".run").first
    expect(run).to_contain_text("检验没有通过")
    expect(run.get_by_role("button", name="切换到这个模型")).to_have_count(0)


# ---------------------------------------------------------------- the guide


def guide_file(folder: Path, name: str, line: int, old: str, new: str) -> Path:
    """Write the real guide with other words on one line."""
    lines = GUIDE.read_text(encoding="utf-8").split("\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new)
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_guide_with_problems_is_refused_with_their_lines(
    open_office: Open, tmp_path: Path, expected_troubles: list[str]
) -> None:
    expected_troubles.append("422")
    lines = GUIDE.read_text(encoding="utf-8").split("\n")
    path = tmp_path / "broken.txt"
    path.write_text("\n".join(lines[:2000]), encoding="utf-8")
    page = open_office("/office/guide", name=ADMIN)
    page.get_by_label("指南文件").set_input_files(path)
    page.get_by_role("button", name="上传并检查").click()
    problems = page.get_by_role("table", name=re.compile("读不了的地方"))
    expect(problems.get_by_role("row").nth(1)).to_be_visible()
    picture(page, "office-guide-refused", full_page=False)
    assert not barriers(page)


def test_a_guide_is_uploaded_looked_at_switched_to_and_rolled_back(open_office: Open, tmp_path: Path) -> None:
    path = guide_file(tmp_path, "新版指南.txt", PAPER, "证件原件（", "证件原件及复印件9份（")
    page = open_office("/office/guide", name=ADMIN)
    page.get_by_label("指南文件").set_input_files(path)
    page.get_by_role("button", name="上传并检查").click()
    look = page.locator("[data-look]")
    expect(look.locator("ins").first).to_have_text(re.compile("复印件9份"))
    assert not barriers(page)
    picture(page, "office-guide")
    look.get_by_role("button", name=re.compile("启用")).click()
    picture(page, "office-guide-confirm", full_page=False)
    agree(page, "启用这一版")
    expect(page.locator("[data-now]")).to_contain_text("新版指南.txt")
    page.get_by_role("button", name="换回上一版").click()
    agree(page, "换回上一版")
    expect(page.locator("[data-now]")).not_to_contain_text("新版指南.txt")
    expect(page.get_by_role("table", name=re.compile("做过的事"))).to_contain_text("换回")


def test_a_dialog_that_asks_is_left_by_escape_and_nothing_happens(open_office: Open, tmp_path: Path) -> None:
    path = guide_file(tmp_path, "另一版.txt", PAPER, "证件原件（", "证件原件及复印件8份（")
    page = open_office("/office/guide", name=ADMIN)
    page.get_by_label("指南文件").set_input_files(path)
    page.get_by_role("button", name="上传并检查").click()
    switch = page.locator("[data-look]").get_by_role("button", name=re.compile("启用"))
    switch.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    expect(switch).to_be_focused()
    expect(page.locator("[data-now]")).not_to_contain_text("另一版.txt")


def test_the_guide_fits_on_a_phone_in_the_dark(open_office: Open) -> None:
    page = open_office("/office/guide", name=ADMIN, device=PHONE, theme="dark")
    expect(page.get_by_role("table", name="全部版本")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not barriers(page)
    picture(page, "office-guide-phone")


# ---------------------------------------------------------------- accounts


def test_an_account_is_made_and_the_log_tells_of_it(open_office: Open, expected_troubles: list[str]) -> None:
    expected_troubles.append("422")
    page = open_office("/office/people", name=ADMIN)
    form = page.locator("[data-add]")
    form.get_by_label("用户名").fill("新来的阿妹")
    form.get_by_label("角色").select_option(label="坐席")
    form.get_by_label("新密码").fill("短")
    form.get_by_role("button", name="新建账号").click()
    expect(form.get_by_text("密码太短了")).to_be_visible()
    expect(form.get_by_label("用户名")).to_have_value("新来的阿妹")
    form.get_by_label("新密码").fill(NEW_PASSWORD)
    form.get_by_role("button", name="新建账号").click()
    expect(page.get_by_role("table", name="全部账号")).to_contain_text("新来的阿妹")
    expect(page.get_by_role("table", name=re.compile("操作日志"))).to_contain_text("新建账号")
    picture(page, "office-people")


def test_an_account_is_disabled_after_asking(open_office: Open, access: StaffAccess) -> None:
    access.add_account("要走的人", Role.CLERK, PASSWORD)
    page = open_office("/office/people", name=ADMIN)
    page.get_by_role("button", name="停用“要走的人”").click()
    agree(page, "停用")
    accounts = page.get_by_role("table", name="全部账号")
    expect(accounts.get_by_role("row").filter(has_text="要走的人")).to_contain_text("已停用")


def test_the_last_admin_stays(open_office: Open, expected_troubles: list[str]) -> None:
    expected_troubles.append("409")
    page = open_office("/office/people", name=ADMIN)
    page.get_by_role("button", name=f"停用“{ADMIN}”").click()
    agree(page, "停用")
    expect(page.get_by_text("这是最后一个管理员")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accounts_have_no_barriers(open_office: Open, theme: str) -> None:
    page = open_office("/office/people", name=ADMIN, theme=theme)
    expect(page.get_by_role("table", name="全部账号")).to_be_visible()
    expect(page.get_by_role("table", name="操作日志")).to_be_visible()
    assert not barriers(page)


def test_accounts_fit_on_a_phone(open_office: Open) -> None:
    page = open_office("/office/people", name=ADMIN, device=PHONE)
    expect(page.get_by_role("table", name="全部账号")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
