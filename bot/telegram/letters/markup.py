"""Letters in the words of python-telegram-bot: its buttons, and its calls for each kind of letter."""

from __future__ import annotations

import html
import re

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode

from bot.telegram.letters.letter import Keyboard, Letter

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def keyboard_of(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    """Return buttons as Telegram wants them; None where there are none."""
    rows = [
        [InlineKeyboardButton(button.label, callback_data=button.data, url=button.url) for button in row]
        for row in keyboard
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def plain_text(text: str) -> str:
    """Return what stands between the tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", text))


async def put_letter(bot: Bot, chat: int, letter: Letter, is_plain: bool = False) -> None:
    """Do what a letter asks for. Raises TelegramError; *is_plain* leaves tags out, in case it was them."""
    markup = keyboard_of(letter.keyboard)
    text, mode = (plain_text(letter.html), None) if is_plain else (letter.html, ParseMode.HTML)
    if letter.edits is not None and not letter.html:
        await bot.edit_message_reply_markup(chat, letter.edits, reply_markup=markup)
    elif letter.edits is not None:
        await bot.edit_message_text(
            text, chat, letter.edits, parse_mode=mode, reply_markup=markup, link_preview_options=NO_PREVIEW
        )
    else:
        answered = letter.answers
        await bot.send_message(
            chat,
            text,
            parse_mode=mode,
            reply_markup=markup,
            link_preview_options=NO_PREVIEW,
            reply_parameters=ReplyParameters(answered, allow_sending_without_reply=True) if answered else None,
        )
