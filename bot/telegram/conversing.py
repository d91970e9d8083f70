"""Conversing (对话): what each thing that comes into a chat is answered with, and what its buttons do."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from dataclasses import dataclass, replace

from telegram import Bot

from bot.desk.ticket import TicketState
from bot.query import Decision
from bot.records.conversations import ConversationStore
from bot.runtime.engine import Engine
from bot.settings import Settings
from bot.telegram.agents import Agents
from bot.telegram.incoming import UNREADABLE, Command, Gone, Incoming, Pressed, Remark, Words
from bot.telegram.letters.browsing import list_letter
from bot.telegram.letters.inline import ALL_ITEMS
from bot.telegram.letters.letter import Button, Letter
from bot.telegram.letters.outgoing import Voice, letters_of, plain_letters
from bot.telegram.letters.presses import Ask, Browse, CallOff, Erase, Pick, find_press, write_press
from bot.telegram.signs import Signs
from bot.telegram.traffic.patience import Patient
from bot.telegram.traffic.records import ChatState, TelegramRecords
from bot.wording.pages import PageWording
from knowledge.model import ServiceItem
from knowledge.store import StoreError

LATEST_ALBUMS = 1000
"""Albums of which it is known that they were answered."""


@dataclass(frozen=True)
class Reply:
    """What to send, and how the chat stands then; *state* is None where that does not change."""

    letters: tuple[Letter, ...] = ()
    state: ChatState | None = None


class Conversing:
    """Answers what comes in, one thing of a chat after another. It lives in one event loop."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        bot: Bot,
        records: TelegramRecords,
        patient: Patient,
        agents: Agents,
        copy: PageWording,
    ) -> None:
        self._engine = engine
        self._most = settings.max_text
        self._records = records
        self._patient = patient
        self._agents = agents
        self._copy = copy
        self._albums: OrderedDict[str, None] = OrderedDict()
        self._signs = Signs(bot)

    @property
    def voice(self) -> Voice:
        """The sentences of the edition in force."""
        return Voice(self._copy, self._engine.services)

    async def reply(self, incoming: Incoming) -> Reply:
        """Return what *incoming* is answered with. Raises StoreError where that cannot be known yet."""
        match incoming.what:
            case Words(text, note):
                reply = await self._turn(incoming, text)
                return replace(reply, letters=(*self._said(note), *reply.letters)) if note and reply.letters else reply
            case Command():
                reply = await self._command(incoming, incoming.what)
            case Pressed():
                return await self._press(incoming, incoming.what)
            case Remark(key, album):
                reply = Reply(() if self._is_answered(album) else self._said(await self._remark(incoming, key)))
            case Gone():
                await self._patient.once(self._records.drop_letters, incoming.chat or 0)
                reply = Reply()
            case _:
                reply = Reply()
        return reply

    def apology(self) -> Reply:
        """Return what is said where something broke: the same sentence as everywhere."""
        return Reply(tuple(plain_letters(self._engine.services.wording.say("failed"))))

    def comfort(self) -> tuple[Letter, ...]:
        """Return what is said to those who have to wait for their reply."""
        return self._said("away")

    async def close(self) -> None:
        """Give no signs of life any more."""
        await self._signs.close()

    # ------------------------------------------------------------ words

    async def _turn(self, incoming: Incoming, text: str, chosen: str | None = None) -> Reply:
        """Let the engine answer *text*; *chosen* is the button by which it was said."""
        assert incoming.chat is not None
        if len(text) > self._most:
            return Reply(tuple(plain_letters(self._engine.services.wording.say("too_long", limit=self._most))))
        with contextlib.suppress(StoreError):
            # What an agent said before comes before the reply; the desk's own look brings it otherwise.
            await self._patient.once(self._agents.bring, incoming.chat)
        mark = str(incoming.update)
        async with self._signs.typing(incoming.chat):
            turn = await self._engine.turn(
                incoming.session, text, channel="telegram", message_id=f"telegram-{incoming.update}"
            )
        asks = any(message["type"] == "choices" for message in turn["messages"])
        answers = None if incoming.is_private else incoming.message
        letters = letters_of(turn, self.voice, mark)
        first = [replace(letter, answers=answers) for letter in letters[:1]]
        return Reply((*first, *letters[1:]), ChatState(mark if asks else None, chosen))

    def _said(self, key: str, **values: object) -> tuple[Letter, ...]:
        return tuple(plain_letters(self._copy.say(key, **values)))

    async def _remark(self, incoming: Incoming, key: str) -> str:
        """Return the sentence for what is no text; while an agent listens, that it cannot be passed on."""
        if key not in UNREADABLE:
            return key
        ticket = await self._patient.once(self._engine.desk.open_ticket_of, incoming.session)
        return "not_passed_on" if ticket is not None and ticket.state is TicketState.TAKEN else key

    def _is_answered(self, album: str | None) -> bool:
        """Tell whether another picture of the same album was answered: those sent at once are one message."""
        if album is None or album in self._albums:
            return album is not None
        self._albums[album] = None
        while len(self._albums) > LATEST_ALBUMS:
            self._albums.popitem(last=False)
        return False

    # ------------------------------------------------------------ commands

    async def _command(self, incoming: Incoming, command: Command) -> Reply:
        match command.name:
            case "start":
                return await self._start(incoming, command.argument)
            case "help":
                return Reply(self._said("help" if incoming.is_private else "help_group"))
            case "items":
                return Reply((list_letter(self.voice, Browse()),))
            case "human" | "delete" if not incoming.is_private:
                return Reply(self._said("in_private_only"))
            case "human":
                return await self._turn(incoming, self._copy.say("person_text"))
            case "new":
                store = ConversationStore(self._engine.database)
                await self._patient.once(store.erase, incoming.session)
                return Reply(self._said("started_over"), ChatState())
            case "delete":
                return Reply((self._delete_question(incoming),))
            case _:
                return Reply(self._said("unknown_command") if incoming.is_private else ())

    async def _start(self, incoming: Incoming, payload: str) -> Reply:
        """Greet, or go on to what the link that was followed names."""
        if payload == ALL_ITEMS:
            return Reply((list_letter(self.voice, Browse()),))
        item = self._engine.services.base.by_id.get(payload)
        if item is not None:
            return await self._turn(incoming, await self._question_about(item))
        if payload:
            return self._no_such_item()
        services = self._engine.services
        [greeting] = plain_letters(services.wording.say("greeting", office=services.base.document.office))
        button = Button(self._copy.say("all_items"), write_press(Browse()))
        return Reply((replace(greeting, keyboard=((button,),)),))

    def _delete_question(self, incoming: Incoming) -> Letter:
        user = incoming.user or 0
        yes = Button(self._copy.say("delete_yes"), write_press(Erase(True, user)))
        no = Button(self._copy.say("delete_no"), write_press(Erase(False, user)))
        [question] = self._said("delete_question")
        return replace(question, keyboard=((yes, no),))

    def _no_such_item(self) -> Reply:
        return Reply((*self._said("no_such_item"), list_letter(self.voice, Browse())))

    async def _question_about(self, item: ServiceItem) -> str:
        """Return words by which the item is asked for: its title, or its plain name where the title is ambiguous."""
        query = await self._engine.understand(item.title)
        if query.decision is Decision.ANSWER and query.items[0].id == item.id:
            return item.title
        return self._engine.services.ground.ways.says.get(item.id, item.title)

    # ------------------------------------------------------------ presses

    async def _press(self, incoming: Incoming, pressed: Pressed) -> Reply:
        """Answer a press; the button stops waiting at once, whatever comes of it."""
        press = find_press(pressed.data)
        if incoming.chat is None or press is None:
            self._answer(pressed, "stale")
            return Reply()
        match press:
            case Pick():
                return await self._pick(incoming, pressed, press)
            case Erase(_, user) if user != incoming.user:
                self._answer(pressed, "not_yours")
                return Reply()
            case Erase(is_wanted, _):
                self._answer(pressed)
                return await self._erase(incoming, is_wanted)
            case Browse():
                self._answer(pressed)
                return Reply((list_letter(self.voice, press, edits=incoming.message),))
            case CallOff():
                self._answer(pressed)
                reply = await self._turn(incoming, self._copy.say("call_off_text"))
                return self._without_buttons(incoming, reply)
            case Ask(id_):
                self._answer(pressed)
                item = self._engine.services.base.by_id.get(id_)
                return await self._turn(incoming, await self._question_about(item)) if item else self._no_such_item()

    async def _pick(self, incoming: Incoming, pressed: Pressed, pick: Pick) -> Reply:
        """Take a choice: by its number while its question is open, later by what it stands for."""
        assert incoming.chat is not None
        state = await self._patient.once(self._records.state, incoming.chat)
        if state.chosen == pressed.data:
            self._answer(pressed, "chosen_already")
            return Reply()
        item = self._engine.services.base.by_id.get(pick.item)
        if pick.mark == state.asked:
            text = pick.value
        elif item is not None:
            facet = self._engine.services.wording.next_facet(pick.facet) if pick.facet else ""
            text = f"{await self._question_about(item)} {facet}".strip()
        else:
            self._answer(pressed, "stale")
            return self._without_buttons(incoming, Reply())
        self._answer(pressed)
        reply = await self._turn(incoming, text, pressed.data)
        return self._with_choice_shown(incoming, pressed, reply)

    def _with_choice_shown(self, incoming: Incoming, pressed: Pressed, reply: Reply) -> Reply:
        """Let the question keep of its buttons the one that was pressed."""
        chosen = self._copy.say("chosen", label="").strip()
        label = pressed.label if pressed.label.startswith(chosen) else self._copy.say("chosen", label=pressed.label)
        shown = Letter("", ((Button(label, pressed.data),),), edits=incoming.message)
        return replace(reply, letters=(shown, *reply.letters))

    def _without_buttons(self, incoming: Incoming, reply: Reply) -> Reply:
        return replace(reply, letters=(Letter("", edits=incoming.message), *reply.letters))

    async def _erase(self, incoming: Incoming, is_wanted: bool) -> Reply:
        if is_wanted:
            await self._engine.erase(incoming.session)
        [said] = self._said("deleted" if is_wanted else "not_deleted")
        return Reply((replace(said, edits=incoming.message),))

    def _answer(self, pressed: Pressed, key: str | None = None) -> None:
        """Let the button stop waiting; with a sentence where nothing else comes."""
        self._signs.answer(pressed.query, self._copy.say(key) if key else None, in_the_way=key == "stale")
