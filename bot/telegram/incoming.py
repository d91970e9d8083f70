"""Updates (来信) as what they mean to a conversation: words, a command, a press, a thing that is no text, nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import ChatMember, Message, Update, User

from bot.telegram.sessions import session_of

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")
"""The kinds of updates that are asked for. Posts in channels are none of them: nobody there asks the bot anything."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_GONE = {ChatMember.BANNED, ChatMember.LEFT}
_THINGS = {
    "voice": ("voice", "audio", "video_note"),
    "picture": ("photo", "video", "story", "paid_media"),
    "sticker": ("sticker", "animation"),
    "file": ("document",),
    "place": ("location", "venue"),
    "other": ("poll", "dice", "game", "checklist", "invoice"),
}
"""What messages may carry beside text, by the sentence that answers it; an animation is a document too, so it comes
first."""
UNREADABLE = frozenset(_THINGS)


@dataclass(frozen=True)
class Words:
    """Something said; *note* is the key of a sentence that goes before the reply."""

    text: str
    note: str | None = None


@dataclass(frozen=True)
class Command:
    """A command by its name, in lower case, and what stands behind it."""

    name: str
    argument: str = ""


@dataclass(frozen=True)
class Pressed:
    """A button under a message: what it carries, and what it says."""

    query: str
    data: str
    label: str = ""


@dataclass(frozen=True)
class InlineAsked:
    """What is typed behind the bot's name in some other chat."""

    query: str
    text: str


@dataclass(frozen=True)
class Remark:
    """Something that one sentence answers; *key* is that of the sentence, *album* what several pictures share."""

    key: str
    album: str | None = None


@dataclass(frozen=True)
class Gone:
    """The bot was blocked, or put out of a group."""


@dataclass(frozen=True)
class Nothing:
    """Nothing that anybody expects an answer to."""


What = Words | Command | Pressed | InlineAsked | Remark | Gone | Nothing


@dataclass(frozen=True)
class Incoming:
    """What an update means, and where it came from; *chat* is None where it belongs to no chat."""

    update: int
    what: What
    chat: int | None = None
    is_private: bool = True
    message: int | None = None
    user: int | None = None

    @property
    def session(self) -> str:
        """What the engine calls the conversation."""
        return session_of(self.chat or 0)

    @property
    def expects_answer(self) -> bool:
        """Whether somebody waits for a message in the chat."""
        return isinstance(self.what, Words | Command | Pressed | Remark)


def read_update(update: Update, me: User) -> Incoming:
    """Return what *update* means to the bot *me*."""
    if update.inline_query is not None:
        asked = InlineAsked(update.inline_query.id, update.inline_query.query)
        return Incoming(update.update_id, asked, user=update.inline_query.from_user.id)
    if update.callback_query is not None:
        return _pressed(update)
    if update.my_chat_member is not None:
        return _membership(update)
    if update.message is not None:
        return _incoming(update, update.message, _read(update.message, me))
    if update.edited_message is not None:
        return _incoming(update, update.edited_message, _read_edited(update.edited_message, me))
    return Incoming(update.update_id, Nothing())


def _incoming(update: Update, message: Message, what: What) -> Incoming:
    chat, sender = message.chat, message.from_user
    is_private = chat.type == chat.PRIVATE
    return Incoming(update.update_id, what, chat.id, is_private, message.message_id, sender.id if sender else None)


def _pressed(update: Update) -> Incoming:
    query = update.callback_query
    assert query is not None
    pressed = Pressed(query.id, query.data or "")
    message = query.message
    if message is None:
        return Incoming(update.update_id, pressed, user=query.from_user.id)
    markup = message.reply_markup if isinstance(message, Message) else None
    buttons = [button for row in markup.inline_keyboard for button in row] if markup else []
    label = next((button.text for button in buttons if button.callback_data == query.data), "")
    pressed = Pressed(query.id, query.data or "", label)
    is_private = message.chat.type == message.chat.PRIVATE
    return Incoming(update.update_id, pressed, message.chat.id, is_private, message.message_id, query.from_user.id)


def _membership(update: Update) -> Incoming:
    changed = update.my_chat_member
    assert changed is not None
    is_private = changed.chat.type == changed.chat.PRIVATE
    what: What = Nothing()
    if changed.new_chat_member.status in _GONE:
        what = Gone()
    elif changed.old_chat_member.status in _GONE and changed.chat.type in {changed.chat.GROUP, changed.chat.SUPERGROUP}:
        what = Remark("joined_group")
    return Incoming(update.update_id, what, changed.chat.id, is_private, None, changed.from_user.id)


def _read(message: Message, me: User) -> What:
    if _is_nobodys(message, me):
        return Nothing()
    said = (message.text or message.caption or "").strip()
    command = _COMMAND.fullmatch(said) if message.text else None
    if command is not None:
        name, addressee, argument = command.groups()
        is_ours = not addressee or addressee.lower() == (me.username or "").lower()
        return Command(name.lower(), (argument or "").strip()) if is_ours else Nothing()
    if message.chat.type != message.chat.PRIVATE and not _is_addressed(message, said, me):
        return Nothing()
    words = _without_mention(said, me)
    if message.contact is not None:
        return Words(message.contact.phone_number.removeprefix("+").removeprefix("86"))
    thing = _thing(message)
    if words:
        return Words(words, thing and f"{thing}_with_words")
    if said:
        return Remark("mentioned")
    return Remark(thing, message.media_group_id) if thing else Nothing()


def _read_edited(message: Message, me: User) -> What:
    """Take what was put right for what is meant; a place that moves on, or a picture changed, is no new question."""
    what = _read(message, me)
    return Words(what.text, "edited") if isinstance(what, Words) and message.text else Nothing()


def _is_nobodys(message: Message, me: User) -> bool:
    """Tell whether no resident stands behind a message: a channel's post, another bot, our own inline result."""
    sender = message.from_user
    is_ours = message.via_bot is not None and message.via_bot.id == me.id
    return sender is None or sender.is_bot or is_ours or bool(message.is_automatic_forward)


def _is_addressed(message: Message, said: str, me: User) -> bool:
    answered = message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.id == me.id:
        return True
    return _without_mention(said, me) != said


def _without_mention(said: str, me: User) -> str:
    return re.sub(rf"\s*@{re.escape(me.username or '@')}(?!\w)[ ,，:：]*", " ", said, flags=re.IGNORECASE).strip()


def _thing(message: Message) -> str | None:
    """Return what a message carries beside text, by the key of what is said of it; of unknown things, other."""
    for key, kinds in _THINGS.items():
        if any(getattr(message, kind, None) for kind in kinds):
            return key
    return "other" if message.api_kwargs and not message.text else None
