"""A stand-in of the Bot API: the documented methods over HTTP, their limits, and their errors on demand.

It keeps what a resident would see of each chat, and gives updates until a later fetch says that they are kept.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession, web

from tests.telegram.limits import RefusedError, check_keyboard, check_text, read_html

TOKEN = "123456:" + "A" * 35
BOT_ID, BOT_NAME = 123456, "guide_test_bot"
PATIENCE = 60.0
Update = dict[str, Any]

# One bot for all tests: the records that they share know which updates came before.
_ids, _updates = itertools.count(1000), itertools.count(500)


@dataclass
class Shown:
    """A message of the bot as it stands in a chat now."""

    id: int
    chat: int
    text: str
    markup: dict[str, Any] | None = None
    answers: int | None = None
    edits: int = 0

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The buttons under it."""
        return [button for row in (self.markup or {}).get("inline_keyboard", []) for button in row]

    def button(self, label: str) -> dict[str, Any]:
        """Return the button that says *label* in its words."""
        [found] = [button for button in self.buttons if label in button["text"]]
        return found


@dataclass
class Fault:
    """What goes wrong with the next calls of a method: a status, or a connection that hangs or is cut.

    What is cut *after* was done all the same.
    """

    method: str
    what: int | str
    times: int = 1
    chat: int | None = None
    retry_after: int | None = None
    description: str = "Internal Server Error"
    migrate_to: int | None = None


@dataclass
class BotApi:
    """The stand-in's side of one bot."""

    address: str = ""
    shown: dict[int, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    pending: list[Update] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    webhook: dict[str, Any] | None = None
    blocked: set[int] = field(default_factory=set)
    before: Callable[[str, dict[str, Any]], None] | None = None
    """Told of each call before it is done, and after."""
    after: Callable[[str, dict[str, Any]], None] | None = None
    release: asyncio.Event = field(default_factory=asyncio.Event)
    """Lets go of what hangs."""
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _fetching: int = 0

    # ------------------------------------------------------------ residents

    def give(self, *updates: Update) -> None:
        """Let updates come."""
        self.pending.extend(updates)
        self._news.set()

    def update(self, **content: Any) -> Update:
        """Return a new update."""
        return {"update_id": next(_updates), **content}

    def message(self, chat: int, text: str | None = None, **more: Any) -> Update:
        """Return the update of a message in *chat*: a group where it is negative."""
        return self.update(message=self.content(chat, text, **more))

    def content(self, chat: int, text: str | None = None, user: int | None = None, **more: Any) -> dict[str, Any]:
        """Return a message of a resident."""
        said = {"text": text} if text is not None else {}
        return {
            "message_id": next(_ids),
            "date": 1_760_000_000,
            "chat": self.chat(chat),
            "from": {"id": user or abs(chat), "is_bot": False, "first_name": "居民"},
            **said,
            **more,
        }

    @staticmethod
    def chat(chat: int) -> dict[str, Any]:
        """Return a chat as Telegram describes it."""
        return {"id": chat, "type": "private" if chat > 0 else "supergroup", **({"title": "群"} if chat < 0 else {})}

    def press(self, shown: Shown, label: str, user: int | None = None) -> Update:
        """Return the update of a press on the button of *shown* that says *label*."""
        data = shown.button(label)["callback_data"]
        message = {
            "message_id": shown.id,
            "date": 1_760_000_000,
            "chat": self.chat(shown.chat),
            "from": self.me,
            "text": shown.text,
            "reply_markup": shown.markup,
        }
        query = {
            "id": str(next(_ids)),
            "from": {"id": user or abs(shown.chat), "is_bot": False, "first_name": "居民"},
            "message": message,
            "chat_instance": "1",
            "data": data,
        }
        return self.update(callback_query=query)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until *holds*."""
        for _ in range(int(PATIENCE / 0.02)):
            if holds():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"it never came about; refused: {self.refused}")

    async def say(self, chat: int, text: str, **more: Any) -> list[Shown]:
        """Say something; return what is shown in answer."""
        return await self.tell(chat, self.message(chat, text, **more))

    async def tell(self, chat: int, *updates: Update) -> list[Shown]:
        """Let updates come; return what is shown in *chat* once all is dealt with."""
        known = len(self.shown[chat])
        self.give(*updates)
        await self.until(lambda: len(self.shown[chat]) > known)
        await self.quiet()
        return self.shown[chat][known:]

    async def quiet(self, seconds: float = 0.15) -> None:
        """Wait until nothing was called for a while."""
        count = -1
        while count != len(self.busy):
            count = len(self.busy)
            await asyncio.sleep(seconds)

    @property
    def busy(self) -> list[tuple[str, dict[str, Any]]]:
        """The calls that are no fetching."""
        return [call for call in self.calls if call[0] != "getUpdates"]

    def called(self, method: str) -> list[dict[str, Any]]:
        """Return the calls of a method."""
        return [data for name, data in self.calls if name == method]

    def texts(self, chat: int) -> list[str]:
        """Return what is shown in a chat."""
        return [shown.text for shown in self.shown[chat]]

    @property
    def me(self) -> dict[str, Any]:
        """The bot as getMe describes it."""
        return {
            "id": BOT_ID,
            "is_bot": True,
            "first_name": "指南",
            "username": BOT_NAME,
            "supports_inline_queries": True,
            "can_read_all_group_messages": False,
        }

    # ------------------------------------------------------------ HTTP

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        if request.match_info["token"] != TOKEN:
            return _answer(401, description="Unauthorized")
        method = request.match_info["method"]
        data = {key: _value(str(value)) for key, value in (await request.post()).items()}
        self.calls.append((method, data))
        if self.before:
            self.before(method, data)
        fault = self._fault(method, data)
        if fault is not None and fault.what != "cut after":
            return await self._fail(request, fault)
        try:
            result = await self._do(method, data)
        except RefusedError as refused:
            self.refused.append(f"{method}: {refused}")
            return _answer(400, description=str(refused))
        if self.after:
            self.after(method, data)
        if fault is not None:
            return await self._fail(request, fault)
        return result if isinstance(result, web.Response) else web.json_response({"ok": True, "result": result})

    def _fault(self, method: str, data: dict[str, Any]) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and fault.times > 0 and fault.chat in (None, data.get("chat_id")):
                fault.times -= 1
                return fault
        return None

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if isinstance(fault.what, int):
            parameters = {"retry_after": fault.retry_after, "migrate_to_chat_id": fault.migrate_to}
            parameters = {key: value for key, value in parameters.items() if value is not None}
            return _answer(
                fault.what, description=fault.description, **({"parameters": parameters} if parameters else {})
            )
        if fault.what == "hang":
            await self.release.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _do(self, method: str, data: dict[str, Any]) -> Any:
        doing = getattr(self, f"_{method}", None)
        if doing is None:
            return _answer(404, description="Not Found: method not found")
        return await doing(data)

    # ------------------------------------------------------------ methods

    async def _getMe(self, _data: dict[str, Any]) -> Any:  # noqa: N802  # as the API calls it
        return self.me

    async def _getUpdates(self, data: dict[str, Any]) -> Any:  # noqa: N802
        if self.webhook:
            return _answer(409, description="Conflict: can't use getUpdates method while webhook is active")
        if self._fetching:
            return _answer(409, description="Conflict: terminated by other getUpdates request")
        offset = data.get("offset", 0)
        self.pending = [update for update in self.pending if update["update_id"] >= offset]
        self._fetching += 1
        try:
            if not self.pending and data.get("timeout"):
                self._news.clear()
                await asyncio.wait_for(self._news.wait(), data["timeout"])
        except asyncio.TimeoutError:
            pass
        finally:
            self._fetching -= 1
        return self.pending[:100]

    async def _setWebhook(self, data: dict[str, Any]) -> Any:  # noqa: N802
        if not data["url"].startswith("https://"):
            raise RefusedError("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = data
        return True

    async def _deleteWebhook(self, data: dict[str, Any]) -> Any:  # noqa: N802
        assert not data.get("drop_pending_updates")
        self.webhook = None
        return True

    async def _getWebhookInfo(self, _data: dict[str, Any]) -> Any:  # noqa: N802
        url = self.webhook["url"] if self.webhook else ""
        return {"url": url, "has_custom_certificate": False, "pending_update_count": len(self.pending)}

    async def _setMyCommands(self, data: dict[str, Any]) -> Any:  # noqa: N802
        for command in data["commands"]:
            if not (command["command"].isidentifier() and command["command"].islower()):
                raise RefusedError("Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise RefusedError("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        return True

    async def _setChatMenuButton(self, _data: dict[str, Any]) -> Any:  # noqa: N802
        return True

    async def _setMyShortDescription(self, data: dict[str, Any]) -> Any:  # noqa: N802
        if len(data["short_description"]) > 120:
            raise RefusedError("Bad Request: short description is too long")
        return True

    async def _setMyDescription(self, data: dict[str, Any]) -> Any:  # noqa: N802
        if len(data["description"]) > 512:
            raise RefusedError("Bad Request: description is too long")
        return True

    async def _sendChatAction(self, _data: dict[str, Any]) -> Any:  # noqa: N802
        return True

    async def _answerCallbackQuery(self, data: dict[str, Any]) -> Any:  # noqa: N802
        if len(data.get("text", "")) > 200:
            raise RefusedError("Bad Request: text is too long")
        return True

    async def _answerInlineQuery(self, data: dict[str, Any]) -> Any:  # noqa: N802
        ids = [result["id"] for result in data["results"]]
        if len(ids) > 50 or len(set(ids)) < len(ids) or any(not 1 <= len(id_.encode()) <= 64 for id_ in ids):
            raise RefusedError("Bad Request: RESULT_ID_INVALID")
        for result in data["results"]:
            read_html(result["input_message_content"]["message_text"])
            check_keyboard(result["reply_markup"])
        return True

    async def _sendMessage(self, data: dict[str, Any]) -> Any:  # noqa: N802
        chat = data["chat_id"]
        if chat in self.blocked:
            return _answer(403, description="Forbidden: bot was blocked by the user")
        answers = data.get("reply_parameters", {}).get("message_id")
        shown = Shown(next(_ids), chat, _text(data), data.get("reply_markup"), answers)
        self.shown[chat].append(shown)
        return self._as_message(shown)

    async def _editMessageText(self, data: dict[str, Any]) -> Any:  # noqa: N802
        shown = self._find(data)
        text, markup = _text(data), data.get("reply_markup")
        if (text, markup) == (shown.text, shown.markup):
            raise RefusedError("Bad Request: message is not modified")
        shown.text, shown.markup, shown.edits = text, markup, shown.edits + 1
        return self._as_message(shown)

    async def _editMessageReplyMarkup(self, data: dict[str, Any]) -> Any:  # noqa: N802
        shown, markup = self._find(data), data.get("reply_markup")
        if markup:
            check_keyboard(markup)
        if markup == shown.markup:
            raise RefusedError("Bad Request: message is not modified")
        shown.markup, shown.edits = markup, shown.edits + 1
        return self._as_message(shown)

    def _find(self, data: dict[str, Any]) -> Shown:
        for shown in self.shown[data["chat_id"]]:
            if shown.id == data["message_id"]:
                return shown
        raise RefusedError("Bad Request: message to edit not found")

    def _as_message(self, shown: Shown) -> dict[str, Any]:
        return {"message_id": shown.id, "date": 1_760_000_000, "chat": self.chat(shown.chat), "text": shown.text}

    async def call_webhook(self, update: Update, secret: str | None, address: str) -> int:
        """Call the bot as Telegram does; return the status."""
        headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
        async with ClientSession() as client, client.post(address, json=update, headers=headers) as response:
            return response.status


def _text(data: dict[str, Any]) -> str:
    """Return the text of a message. Raises RefusedError where it is not as Telegram wants it."""
    if data.get("parse_mode") == "HTML":
        text = read_html(data["text"])
    else:
        text = data["text"]
        check_text(text)
    if data.get("reply_markup"):
        check_keyboard(data["reply_markup"])
    return text


def _value(text: str) -> Any:
    """Return a parameter: everything but texts comes as JSON."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict | list | bool) or (isinstance(value, int) and str(value) == text) else text


def _answer(status: int, **members: Any) -> web.Response:
    return web.json_response({"ok": False, "error_code": status, **members}, status=status)


@asynccontextmanager
async def bot_api() -> AsyncIterator[BotApi]:
    """Open the stand-in on a free port."""
    api = BotApi()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", api.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    api.address = f"http://127.0.0.1:{port}"
    try:
        yield api
    finally:
        api.release.set()
        await runner.cleanup()
