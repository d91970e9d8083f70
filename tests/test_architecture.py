"""Who may import whom, which library may appear where, and that no fact of the guide is typed into code."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.settings import ROOT
from knowledge.model import KnowledgeBase
from knowledge.reading.source import GuideText
from knowledge.values import Phone, Place

PACKAGES = {
    "knowledge": set[str](),
    "bot": {"knowledge"},
    "actions": {"bot", "knowledge"},
    "api": {"bot", "knowledge"},
}
"""Each package of ours, and the others of ours that it may import."""

RASAS_ROOMS = {"bot.components", "bot.runtime"}
OFFLINE = {"bot.tuning", "bot.evaluation"}
"""Rooms that make and measure what the service reads; no part of it."""
TALKING = {"bot.understanding", "bot.dialogue", "bot.answering", "bot.wording"}
"""Rooms that lead a conversation; those who only keep what came of it need not know how."""

INSIDE_BOT = {
    "bot/understanding": {"bot.dialogue", "bot.answering", "bot.wording", *RASAS_ROOMS, *OFFLINE},
    "bot/answering": {"bot.understanding", "bot.dialogue", *RASAS_ROOMS, *OFFLINE},
    "bot/dialogue": {*RASAS_ROOMS, *OFFLINE},
    "bot/wording": {"bot.understanding", "bot.dialogue", "bot.answering", *RASAS_ROOMS, *OFFLINE},
    "bot/records": {*TALKING, "bot.desk", *RASAS_ROOMS, *OFFLINE},
    "bot/desk": {*TALKING, *RASAS_ROOMS, *OFFLINE},
    "bot/figures": {"bot.dialogue", "bot.answering", "bot.wording", *RASAS_ROOMS, *OFFLINE},
    "bot/review": {"bot.dialogue", "bot.answering", "bot.wording", "bot.components", "bot.runtime.engine", *OFFLINE},
    "bot/lookup": {"bot.dialogue", "bot.answering", "bot.wording", "bot.records", "bot.desk", *RASAS_ROOMS, *OFFLINE},
    "bot/telegram": {"bot.components", "bot.wechat", *OFFLINE},
    "bot/wechat": {"bot.components", "bot.dialogue", "bot.answering", "bot.telegram", *OFFLINE},
}
"""Each room of bot/, and the rooms that it must not know."""

KNOWS_ONLY = {
    "bot/tuning": ("bot.tuning", "bot.understanding", "bot.query"),
    "bot/dates": ("bot.dates", "knowledge"),
}
"""Each room of bot/ that stands apart, and all of ours that it may import."""

SERVICE = (
    "api/",
    "actions/",
    "bot/components/",
    "bot/runtime/",
    "bot/dialogue/",
    "bot/answering/",
    "bot/wording/",
    "bot/records/",
    "bot/desk/",
    "bot/dates/",
    "bot/lookup/",
    "bot/figures/",
    "bot/review/",
    "bot/telegram/",
    "bot/wechat/",
    "bot/doctor/",
)
"""What answers residents, beside bot/understanding/."""

UNDERSTANDING = ("bot/understanding/", "bot/evaluation/", "bot/components/")
RASA = ("bot/components/", "bot/runtime/", "actions/")
LIBRARIES: dict[str, tuple[str, ...]] = {
    "rasa": RASA,
    "rasa_sdk": RASA,
    "sqlalchemy": (
        "knowledge/store.py",
        "knowledge/rows.py",
        "bot/records/",
        "bot/desk/",
        "bot/figures/",
        "bot/review/",
        "bot/telegram/traffic/records.py",
        "bot/wechat/kept/",
        "bot/wechat/platform/token.py",
        "api/access/",
    ),
    "fastapi": ("api/",),
    "starlette": ("api/",),
    "uvicorn": ("api/", "bot/telegram/traffic/webhook.py"),
    "telegram": ("bot/telegram/",),
    "wechatpy": ("bot/wechat/arriving/", "bot/wechat/platform/client.py", "bot/wechat/saying/answer.py"),
    "pydantic": ("api/",),
    "h11": ("api/edge/serving.py",),
    "wsproto": ("api/edge/serving.py",),
    "limits": ("api/edge/limits.py", "api/edge/windows.py", "api/access/throttle.py"),
    "prometheus_client": ("api/edge/metrics.py", "api/routes/health.py"),
    "argon2": ("api/access/passwords.py",),
    "jinja2": ("api/pages/",),
    "sklearn": ("bot/understanding/", "bot/evaluation/", "bot/figures/clusters.py"),
    "numpy": (*UNDERSTANDING, "bot/tuning/", "bot/figures/clusters.py"),
    "scipy": (*UNDERSTANDING, "bot/figures/clusters.py"),
    "pygal": ("bot/figures/charts.py",),
    "tensorflow": ("bot/tuning/",),
    "onnxruntime": ("bot/understanding/encoder.py", "bot/tuning/graph.py"),
    "onnx": ("bot/tuning/graph.py",),
    "matplotlib": ("bot/evaluation/reports.py",),
    "chinese_calendar": ("bot/dates/",),
    "jieba": ("bot/understanding/lexicon.py",),
    "pypinyin": ("bot/understanding/pinyin.py",),
    "opencc": ("bot/understanding/normalise.py",),
    "yaml": (
        "bot/understanding/",
        "bot/evaluation/",
        "bot/wording/",
        "bot/dialogue/cues.py",
        "bot/wechat/platform/menu.py",
        "knowledge/vocabulary/",
    ),
    "skops": ("bot/runtime/quiet.py",),
    "structlog": ("bot/runtime/quiet.py",),
}
"""Each library, and where it may be imported. A library that is not here may be imported nowhere."""

OURS = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and name of everything that a module imports, inside functions and by importlib as well."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            module = ".".join(part for part in (above if node.level else "", node.module or "") if part)
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            named = node.args[0] if node.args else None
            yield node.lineno, str(named.value) if isinstance(named, ast.Constant) else "something unnamed"


def is_of(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


# ---------------------------------------------------------------- imports


def test_every_package_of_ours_is_in_the_table() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert found == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_those_below_it(package: str) -> None:
    forbidden = set(PACKAGES) - PACKAGES[package] - {package}
    wrong = [
        f"{short(path)}:{line} imports {name}"
        for path in OURS
        if short(path).startswith(f"{package}/")
        for line, name in imports(path)
        if name.partition(".")[0] in forbidden
    ]
    assert not wrong


@pytest.mark.parametrize("room", INSIDE_BOT)
def test_a_room_of_bot_does_not_know_those_above_it(room: str) -> None:
    wrong = [
        f"{short(path)}:{line} imports {name}"
        for path in OURS
        if short(path).startswith(f"{room}/")
        for line, name in imports(path)
        if any(is_of(name, above) for above in INSIDE_BOT[room])
    ]
    assert not wrong


@pytest.mark.parametrize("part", SERVICE)
def test_the_service_neither_tunes_nor_measures(part: str) -> None:
    wrong = [
        f"{short(path)}:{line} imports {name}"
        for path in OURS
        if short(path).startswith(part)
        for line, name in imports(path)
        if any(is_of(name, room) for room in OFFLINE)
    ]
    assert not wrong


def users_of(room: str) -> set[str]:
    """Return the modules outside of *room* (bot.tuning) that import it."""
    inside = room.replace(".", "/") + "/"
    users = {short(path) for path in OURS for _, name in imports(path) if is_of(name, room)}
    return {user for user in users if not user.startswith(inside)}


def test_only_the_command_reaches_the_evaluation() -> None:
    assert users_of("bot.evaluation") <= {"bot/__main__.py"}


def test_only_the_command_and_the_evaluation_reach_the_tuning() -> None:
    assert {user for user in users_of("bot.tuning") if not user.startswith("bot/evaluation/")} <= {"bot/__main__.py"}


def test_only_who_starts_a_channel_or_looks_at_its_settings_knows_it() -> None:
    everywhere = {"bot/__main__.py", "bot/settings.py", "bot/doctor/command.py", "bot/forgetting.py"}
    assert users_of("bot.telegram") <= everywhere
    assert users_of("bot.wechat") <= {*everywhere, "api/wechat/route.py", "api/wechat/installing.py"}


@pytest.mark.parametrize("room", KNOWS_ONLY)
def test_a_room_apart_knows_nothing_else_of_ours(room: str) -> None:
    wrong = [
        f"{short(path)}:{line} imports {name}"
        for path in OURS
        if short(path).startswith(f"{room}/")
        for line, name in imports(path)
        if name.partition(".")[0] in PACKAGES and not any(is_of(name, known) for known in KNOWS_ONLY[room])
    ]
    assert not wrong


@pytest.mark.parametrize("room", [*sorted(OFFLINE), "bot.runtime.engine"])
def test_a_command_loads_only_what_it_needs(room: str) -> None:
    """Rasa and TensorFlow take seconds; whoever mistypes an option should not wait for them."""
    path = ROOT / "bot" / "__main__.py"
    inside_functions = {
        id(node)
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for_types = {
        id(node)
        for block in tree(path).body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    at_once = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and id(node) not in inside_functions | for_types
        for alias in node.names
    ]
    assert at_once
    assert not [name for name in at_once if is_of(name, room)]


def test_tests_are_imported_by_nobody() -> None:
    assert not [short(path) for path in OURS for _, name in imports(path) if is_of(name, "tests")]


@pytest.mark.parametrize("path", OURS, ids=short)
def test_a_library_appears_only_where_the_table_says(path: Path) -> None:
    wrong = []
    for line, name in imports(path):
        library = name.partition(".")[0]
        if library in PACKAGES or library in sys.stdlib_module_names:
            continue
        if not short(path).startswith(LIBRARIES.get(library, ("nowhere",))):
            wrong.append(f"{short(path)}:{line} imports {name}")
    assert not wrong


def test_every_library_of_the_table_is_in_use() -> None:
    used = {name.partition(".")[0] for path in OURS for _, name in imports(path)}
    assert set(LIBRARIES) <= used


# ---------------------------------------------------------------- facts and sentences

SAYS = ("bot/wording/", "knowledge/vocabulary/")
"""Where sentences and the office's own names may stand."""

TALKS_TO_OPERATORS = ("knowledge/reading/", "knowledge/lint.py")
"""What these say, a guide's editor reads, never a resident."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[\u4e00-\u9fff0-9，。、；：！？“”‘’（）《》…—\s{}]+")


def literals(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Yield line, text and "is raised" of every string of a module that is no docstring; {} for what is filled in."""
    skipped: set[int] = set()
    raised = {id(inner) for node in ast.walk(tree(path)) if isinstance(node, ast.Raise) for inner in ast.walk(node)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield node.lineno, text, id(node) in raised
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value, id(node) in raised


def configuration() -> Iterator[tuple[str, str]]:
    """Yield place and text of every line of Rasa's files, comments left out."""
    for name in ("domain.yml", "config.yml", "endpoints.yml"):
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            yield f"{name}:{number}", re.sub(r"(^|\s)#.*", "", line)


def texts_of_code() -> list[tuple[str, str]]:
    """Return place and text of everything that code and configuration could say."""
    code = [
        (f"{short(path)}:{line}", text)
        for path in OURS
        if not short(path).startswith(SAYS)
        for line, text, _ in literals(path)
    ]
    return [*code, *configuration()]


def sentences(text: str) -> list[str]:
    """Return the stretches of *text* with twelve Chinese characters or more, patterns' alternatives apart."""
    return [part for part in _SENTENCE.findall(text) if len(CHINESE.findall(part)) >= 12]


def test_the_rule_tells_a_sentence_from_a_pattern() -> None:
    assert sentences("我没看懂这句话，您再说一次好吗")
    assert not sentences("即时办结|即时办理|当场办结|即办|即时")


def test_no_sentence_is_typed_into_code() -> None:
    found = [
        f"{short(path)}:{line} {text}"
        for path in OURS
        if not short(path).startswith(SAYS + TALKS_TO_OPERATORS)
        for line, text, is_raised in literals(path)
        if sentences(text) and not is_raised
    ]
    assert not found


def test_no_sentence_stands_in_rasas_files() -> None:
    assert not [f"{place} {line}" for place, line in configuration() if sentences(line)]


def test_no_telephone_number_stands_in_code(base: KnowledgeBase) -> None:
    numbers = {fact.value.number for item in base for fact in item.facts if isinstance(fact.value, Phone)}
    digits = {re.sub(r"\D", "", number) for number in numbers}
    assert len(digits) > 5
    found = []
    for place, text in texts_of_code():
        squashed = re.sub(r"[\s-]", "", text)
        if any(number in squashed for number in digits) or re.search(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)", text):
            found.append(f"{place} {text}")
    assert not found


def test_no_address_of_the_guide_stands_in_code(base: KnowledgeBase, text: GuideText) -> None:
    places = [fact.value for item in base for fact in item.facts if isinstance(fact.value, Place)]
    addresses = {place.address for place in places if place.address}
    hosts = set(re.findall(r"[a-z0-9-]+(?:\.[a-z0-9-]+){1,4}", "\n".join(text.lines)))
    hosts = {host for host in hosts if re.search(r"[a-z]", host)}
    assert addresses
    assert "www.12333.gov.cn" in hosts
    found = [f"{place} {said}" for place, said in texts_of_code() if any(word in said for word in addresses | hosts)]
    assert not found


def test_no_eight_characters_in_a_row_are_copied_from_the_guide(text: GuideText) -> None:
    """Patterns name the guide's words; whole phrases of it would be facts."""
    guide = re.sub(r"\s", "", "".join(text.lines))
    found = []
    for place, said in texts_of_code():
        for run in re.findall(r"[\u4e00-\u9fff]{8,}", said):
            if any(run[start : start + 8] in guide for start in range(len(run) - 7)):
                found.append(f"{place} {run}")
    assert not found
