"""Calls to the platform (服务端接口), by wechatpy: each within a time limit, its errors by class. All of it blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from wechatpy import WeChatClient  # type: ignore[import-untyped]  # ships no types
from wechatpy.exceptions import WeChatClientException  # type: ignore[import-untyped]  # ships no types

from bot.records.database import Database
from bot.wechat.account import WechatAccount
from bot.wechat.platform.errors import PlatformError, Trouble, error_of
from bot.wechat.platform.token import AccessToken, TokenKeeper

TIMEOUT = 5.0
_NO_MENU = 46003
_T = TypeVar("_T")


class _Client(WeChatClient):  # type: ignore[misc]  # wechatpy ships no types
    """wechatpy's client with our token in the place of its own, which each process would fetch for itself."""

    def __init__(self, account: WechatAccount, current: Callable[[], str]) -> None:
        super().__init__(account.app_id, account.app_secret, timeout=TIMEOUT, auto_retry=False)
        self._current = current
        if account.api_base:
            self.API_BASE_URL = f"{account.api_base}/cgi-bin/"

    @property
    def access_token(self) -> str:
        """The token for the next call."""
        return self._current()


class Platform:
    """What we ask of the platform. Every method raises PlatformError and StoreError."""

    def __init__(self, account: WechatAccount, database: Database, now: Callable[[], datetime]) -> None:
        self._account = account
        self._tokens = TokenKeeper(database, account.app_id, self._fetch_token, now)
        self._client = _Client(account, self._tokens.current)

    def send(self, openid: str, text: str) -> None:
        """Send *text* as a customer-service message (客服消息)."""
        self._call(lambda: self._client.message.send_text(openid, text))

    def make_menu(self, menu: Mapping[str, Any]) -> None:
        """Put *menu* in the place of the account's menu."""
        self._call(lambda: self._client.menu.create(dict(menu)))

    def read_menu(self) -> Mapping[str, Any] | None:
        """Return the account's menu; None where it has none."""
        try:
            found = self._call(lambda: self._client.get("menu/get"))
        except PlatformError as error:
            if error.code == _NO_MENU:
                return None
            raise
        menu: Mapping[str, Any] = found["menu"]
        return menu

    def check(self) -> None:
        """Ask for the access token: whoever gets one has the right id, secret and address."""
        self._tokens.current()

    def _call(self, call: Callable[[], _T]) -> _T:
        """Return what *call* does; where the token is refused, once more with another."""
        token = self._tokens.current()
        try:
            return self._translated(call)
        except PlatformError as error:
            if error.trouble is not Trouble.TOKEN:
                raise
            self._tokens.reject(token)
            return self._translated(call)

    def _fetch_token(self, another: bool) -> AccessToken:
        asked = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.app_secret,
            "force_refresh": another,
        }
        # No token goes with the call for one.
        try:
            answer = self._translated(
                lambda: self._client.post("stable_token", params={"access_token": None}, data=asked)
            )
        except PlatformError as error:
            if error.trouble is Trouble.TOKEN:
                # Here the same code says that the secret is wrong.
                raise PlatformError(Trouble.REFUSED, error.code, f"{error}: is WECHAT_APP_SECRET right?") from error
            raise
        try:
            return AccessToken(str(answer["access_token"]), int(answer["expires_in"]))
        except (KeyError, ValueError) as error:
            raise PlatformError(Trouble.BUSY, None, "the platform gave no access token") from error

    def _translated(self, call: Callable[[], _T]) -> _T:
        try:
            answer = call()
        except WeChatClientException as error:
            if error.errcode is None:
                raise error_of(None, f"the platform answered {error.response.status_code}") from error
            raise error_of(int(error.errcode), str(error.errmsg)) from error
        except (OSError, ValueError) as error:  # what requests raises is an OSError
            # Its words name the address with everything in it, the token included.
            raise error_of(None, f"the platform could not be reached ({type(error).__name__})") from None
        if not isinstance(answer, dict):
            raise error_of(None, "the platform answered with something that is no JSON")
        return answer
