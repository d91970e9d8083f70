"""What a resident sees at Telegram: the real engine, the real client, a stand-in of the Bot API."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from bot.desk.ticket import Author
from bot.settings import ROOT
from bot.telegram import signs
from tests.bot.happenings import Says
from tests.bot.prose import parse_conversation
from tests.telegram.service import open_channel, run
from tests.telegram.stand_in import BOT_ID, BOT_NAME, Shown

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

_chats = itertools.count(10_001)


def newcomer() -> int:
    """Return the chat of somebody whom the bot does not know."""
    return next(_chats)


def second_of(question: Shown) -> str:
    """Return the title of the second choice that *question* offers, whichever that is."""
    return str(question.buttons[1]["text"]).removeprefix("2. ")


def squashed(text: str) -> str:
    """Return *text* without blanks and line breaks."""
    return "".join(text.split())


# ---------------------------------------------------------------- questions and choices


def test_a_question_is_answered_with_the_guides_words_in_one_message(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            [shown] = await api.say(newcomer(), "工伤认定要多久")
            assert "工伤认定" in shown.text
            assert "出处" in shown.text

    run(test())


def test_a_choice_is_picked_by_its_button_and_the_question_shows_which(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [question] = await api.say(chat, "工伤")
            assert len(question.buttons) == 3
            title = second_of(question)
            [answer] = await api.tell(chat, api.press(question, title))
            assert f"【{title}】" in answer.text
            assert [button["text"] for button in question.buttons] == [f"✓ 2. {title}"]
            assert len(api.called("answerCallbackQuery")) == 1

    run(test())


def test_a_choice_is_picked_by_its_number_as_well(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [question] = await api.say(chat, "工伤")
            [answer] = await api.say(chat, "2")
            assert f"【{second_of(question)}】" in answer.text

    run(test())


def test_a_button_pressed_twice_answers_once(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [question] = await api.say(chat, "工伤")
            twice = [api.press(question, second_of(question)) for _ in range(2)]
            answers = await api.tell(chat, *twice)
            assert len(answers) == 1
            assert "已经选过" in api.called("answerCallbackQuery")[-1]["text"]

    run(test())


def test_an_old_button_that_stands_for_an_item_still_leads_to_it(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [question] = await api.say(chat, "工伤")
            title = second_of(question)
            await api.say(chat, "社保卡丢了怎么补")
            [answer] = await api.tell(chat, api.press(question, title))
            assert f"【{title}】" in answer.text

    run(test())


def test_an_old_button_that_stands_for_an_aspect_still_means_its_item(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [card] = await api.say(chat, "社保卡丢了怎么补要什么材料")
            await api.say(chat, "工伤认定要多久")
            [answer] = await api.tell(chat, api.press(card, "去哪里办"))
            assert "社会保障卡" in answer.text
            assert "办理地点" in answer.text

    run(test())


def test_an_old_button_that_means_nothing_any_more_is_answered_kindly_and_taken_away(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [question] = await api.say(chat, "办退休")
            press = api.press(question, question.buttons[0]["text"])
            await api.say(chat, "社保卡丢了怎么补")
            known = len(api.shown[chat])
            api.give(press)
            await api.until(lambda: not question.buttons)
            [answered] = api.called("answerCallbackQuery")
            assert "最新的回答" in answered["text"]
            assert answered["show_alert"] is True
            assert len(api.shown[chat]) == known

    run(test())


def test_what_is_too_long_is_said_to_be(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            [shown] = await api.say(newcomer(), "长" * 501)
            assert "最多 500 个字" in shown.text

    run(test())


def test_typing_is_shown_while_a_reply_takes_time(telegram_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs, "TYPING_AFTER", 0.0)

    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            await api.say(chat, "工伤认定要多久")
            assert api.called("sendChatAction")[0] == {"chat_id": chat, "action": "typing"}

    run(test())


@pytest.mark.parametrize("name", ["asked-enough.md", "certification.md", "two-things-at-once.md"])
def test_a_conversation_says_here_all_that_the_engine_said(telegram_engine: Engine, name: str) -> None:
    conversation = parse_conversation(ROOT / "tests" / "conversations" / name)
    texts = [happening.text for _, happening in conversation.happenings if isinstance(happening, Says)]

    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            for text in texts:
                shown = await api.say(chat, text)
                words = [(message.text, *(button["text"] for button in message.buttons)) for message in shown]
                joined = squashed("".join(itertools.chain(*words)))
                turn = telegram_engine.transcripts.read(f"telegram:{chat}")[-1].turn
                assert turn
                said = [message["text"] for message in turn["messages"] if message["type"] in {"text", "handoff"}]
                facts = [fact["text"] for message in turn["messages"] for fact in message.get("facts", ())]
                choices = [choice["label"] for message in turn["messages"] for choice in message.get("choices", ())]
                assert [part for part in (*said, *facts, *choices) if squashed(part) not in joined] == []

    run(test())


# ---------------------------------------------------------------- commands


def test_the_commands_are_registered_with_descriptions_at_the_start(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            private, groups = api.called("setMyCommands")
            names = [command["command"] for command in private["commands"]]
            assert names == ["start", "help", "items", "human", "new", "delete"]
            assert [command["command"] for command in groups["commands"]] == ["help", "items"]
            assert api.called("setChatMenuButton")[0]["menu_button"] == {"type": "commands"}

    run(test())


def test_start_greets_and_offers_the_list(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            [shown] = await api.say(newcomer(), "/start")
            assert "办事指南助手" in shown.text
            assert shown.button("全部办事事项")

    run(test())


@pytest.mark.parametrize("item", ["card_replace", "personal_info_change"])
def test_a_link_to_an_item_leads_to_its_answer(telegram_engine: Engine, item: str) -> None:
    title = telegram_engine.services.base.by_id[item].title

    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            shown = await api.say(newcomer(), f"/start {item}")
            assert f"【{title}】" in shown[0].text

    run(test())


def test_a_link_to_an_item_that_there_is_not_leads_to_the_list(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            first, second = await api.say(newcomer(), "/start no_such_item")
            assert "没有这一项" in first.text
            assert second.button("社会保障卡")

    run(test())


def test_the_list_is_leafed_through_in_one_message(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [shown] = await api.say(chat, "/items")
            api.give(api.press(shown, "工伤保险（25）"))
            await api.until(lambda: "第 1 页" in shown.text)
            api.give(api.press(shown, "下一页"))
            await api.until(lambda: "第 2 页" in shown.text)
            api.give(api.press(shown, "返回"))
            await api.until(lambda: "哪一类" in shown.text)
            assert api.shown[chat] == [shown]

    run(test())


def test_an_item_of_the_list_is_answered_below_it(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [shown] = await api.say(chat, "/items")
            api.give(api.press(shown, "社会保障卡"))
            await api.until(lambda: "点一下" in shown.text)
            says = telegram_engine.services.ground.ways.says["card_replace"]
            [answer, *_] = await api.tell(chat, api.press(shown, says))
            assert "【社会保障卡补领、换领、换发】" in answer.text

    run(test())


def test_an_unknown_command_is_answered_in_a_private_chat_only(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [shown] = await api.say(chat, "/weather")
            assert "没有这个命令" in shown.text
            api.give(api.message(-chat, "/weather"))
            await api.quiet()
            assert not api.shown[-chat]

    run(test())


def test_new_lets_the_conversation_begin_anew(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            await api.say(chat, "失业保险金怎么申领")
            await api.say(chat, "/new")
            [shown] = await api.say(chat, "去哪里办")
            assert "失业保险金" not in shown.text

    run(test())


def test_delete_asks_first_and_then_forgets_everything(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            await api.say(chat, "工伤认定要多久")
            [question] = await api.say(chat, "/delete")
            assert telegram_engine.transcripts.read(f"telegram:{chat}")
            api.give(api.press(question, "删掉"))
            await api.until(lambda: "已经删掉" in question.text)
            assert not question.buttons
            assert not telegram_engine.transcripts.read(f"telegram:{chat}")

    run(test())


def test_delete_leaves_everything_where_it_is_not_wanted(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            await api.say(chat, "工伤认定要多久")
            [question] = await api.say(chat, "/delete")
            api.give(api.press(question, "不删"))
            await api.until(lambda: "没有删" in question.text)
            assert telegram_engine.transcripts.read(f"telegram:{chat}")

    run(test())


# ---------------------------------------------------------------- what is no text


THINGS: dict[str, tuple[dict[str, Any], str]] = {
    "voice": ({"voice": {"file_id": "1", "file_unique_id": "1", "duration": 3}}, "打成字"),
    "photo": ({"photo": [{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}]}, "看不了图片"),
    "document": ({"document": {"file_id": "1", "file_unique_id": "1"}}, "打不开文件"),
    "location": ({"location": {"latitude": 21.9, "longitude": 108.6}}, "不会保存"),
    "dice": ({"dice": {"emoji": "🎲", "value": 3}}, "看不了"),
    "a thing of tomorrow": ({"hologram": {"size": 3}}, "看不了"),
}


@pytest.mark.parametrize("thing", THINGS)
def test_what_is_no_text_gets_a_decent_reply(telegram_engine: Engine, thing: str) -> None:
    content, expected = THINGS[thing]

    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [shown] = await api.tell(chat, api.message(chat, **content))
            assert expected in shown.text

    run(test())


def test_the_words_under_a_picture_are_answered(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            photo, _ = THINGS["photo"]
            note, answer = await api.tell(chat, api.message(chat, caption="工伤认定要多久", **photo))
            assert "图片我看不了" in note.text
            assert "工伤认定" in answer.text

    run(test())


def test_an_album_gets_one_reply(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            photo, _ = THINGS["photo"]
            album = [api.message(chat, media_group_id="7", **photo) for _ in range(3)]
            assert len(await api.tell(chat, *album)) == 1

    run(test())


def test_an_edited_question_is_answered_as_it_is_now(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            edited = api.update(edited_message=api.content(chat, "工伤认定要多久", edit_date=1_760_000_001))
            note, answer = await api.tell(chat, edited)
            assert "您改了" in note.text
            assert "工伤认定" in answer.text

    run(test())


def test_a_forwarded_question_is_answered(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            origin = {"type": "hidden_user", "date": 1_760_000_000, "sender_user_name": "邻居"}
            [shown] = await api.tell(chat, api.message(chat, "工伤认定要多久", forward_origin=origin))
            assert "工伤认定" in shown.text

    run(test())


def test_nobodys_messages_are_passed_over(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat, last = newcomer(), newcomer()
            me = {"id": BOT_ID, "is_bot": True, "first_name": "指南"}
            joined = [{"id": 5, "is_bot": False, "first_name": "新人"}]
            api.give(
                api.message(chat, "工伤认定要多久", via_bot=me),
                api.update(channel_post=api.content(-chat, "工伤认定要多久")),
                api.message(chat, new_chat_members=joined),
                api.update(edited_message=api.content(chat, location={"latitude": 21.9, "longitude": 108.6})),
            )
            await api.say(last, "工伤认定要多久")
            assert not api.shown[chat]
            assert not api.shown[-chat]

    run(test())


# ---------------------------------------------------------------- groups


def test_in_a_group_only_those_who_turn_to_the_bot_are_answered(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            group = -newcomer()
            api.give(api.message(group, "工伤认定要多久", user=7))
            asked = api.message(group, f"@{BOT_NAME} 工伤认定要多久", user=8)
            [shown] = await api.tell(group, asked)
            assert "工伤认定" in shown.text
            assert shown.answers == asked["message"]["message_id"]

    run(test())


def test_in_a_group_a_reply_to_the_bot_goes_on_with_its_matter(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            group = -newcomer()
            [first] = await api.say(group, f"@{BOT_NAME} 工伤认定要多久")
            ours = {**api.content(group, first.text), "message_id": first.id, "from": api.me}
            [shown] = await api.tell(group, api.message(group, "去哪里办", reply_to_message=ours))
            assert "工伤认定" in shown.text

    run(test())


def test_a_person_is_not_called_from_a_group(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            group = -newcomer()
            [shown] = await api.say(group, f"/human@{BOT_NAME}")
            assert "单独和我说" in shown.text
            assert telegram_engine.desk.open_ticket_of(f"telegram:{group}") is None

    run(test())


def test_a_command_to_another_bot_is_passed_over(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            group = -newcomer()
            api.give(api.message(group, "/help@some_other_bot"))
            await api.say(newcomer(), "工伤认定要多久")
            assert not api.shown[group]

    run(test())


def test_nobody_but_who_was_asked_can_answer_whether_to_delete(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [question] = await api.say(chat, "/delete")
            api.give(api.press(question, "删掉", user=chat + 5000))
            await api.until(lambda: bool(api.called("answerCallbackQuery")))
            assert "请他自己点" in api.called("answerCallbackQuery")[0]["text"]
            assert "要把" in question.text

    run(test())


# ---------------------------------------------------------------- inline mode


def inline(text: str) -> dict[str, object]:
    user = {"id": 9, "is_bot": False, "first_name": "居民"}
    return {"id": "77", "from": user, "query": text, "offset": ""}


def test_items_are_offered_behind_the_bots_name(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            api.give(api.update(inline_query=inline("退休")))
            await api.until(lambda: bool(api.called("answerInlineQuery")))
            [answered] = api.called("answerInlineQuery")
            found = {result["id"]: result for result in answered["results"]}
            assert "retirement_normal" in found
            assert "出处" in found["retirement_normal"]["input_message_content"]["message_text"]
            [[button]] = found["retirement_normal"]["reply_markup"]["inline_keyboard"]
            assert button["url"].endswith(f"{BOT_NAME}?start=retirement_normal")

    run(test())


def test_nothing_typed_offers_the_way_to_the_list(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            api.give(api.update(inline_query=inline("")))
            await api.until(lambda: bool(api.called("answerInlineQuery")))
            [answered] = api.called("answerInlineQuery")
            assert answered["results"] == []
            assert answered["button"]["start_parameter"] == "items"
            chat = newcomer()
            [shown] = await api.say(chat, "/start items")
            assert "哪一类" in shown.text

    run(test())


# ---------------------------------------------------------------- a person


def test_a_person_can_be_called_and_called_off(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [shown] = await api.say(chat, "/human")
            assert telegram_engine.desk.open_ticket_of(f"telegram:{chat}")
            await api.tell(chat, api.press(shown, "不等了"))
            assert telegram_engine.desk.open_ticket_of(f"telegram:{chat}") is None
            assert not shown.buttons

    run(test())


def test_a_number_shared_as_a_contact_is_left_for_the_agent(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            await api.say(chat, "/human")
            contact = {"phone_number": "+8613877771234", "first_name": "居民", "user_id": chat}
            await api.tell(chat, api.message(chat, contact=contact))
            ticket = telegram_engine.desk.open_ticket_of(f"telegram:{chat}")
            assert ticket is not None
            assert ticket.contact == "13877771234"
            telegram_engine.desk.call_off(f"telegram:{chat}", telegram_engine.services.now())

    run(test())


def test_an_agents_words_reach_the_chat_and_the_bot_is_silent_meanwhile(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat, now = newcomer(), telegram_engine.services.now
            desk = telegram_engine.desk
            await api.say(chat, "/human")
            ticket = desk.open_ticket_of(f"telegram:{chat}")
            assert ticket is not None
            known = len(api.shown[chat])
            await asyncio.to_thread(desk.take, ticket.number, "李姐", now())
            await api.until(lambda: any("李姐 来了" in text for text in api.texts(chat)))
            await asyncio.to_thread(desk.say, ticket.number, Author.AGENT, "李姐", "您好 <请稍等> & 别急", now())
            await api.until(lambda: any("您好 <请稍等> & 别急" in text for text in api.texts(chat)))
            api.give(api.message(chat, "工伤认定要多久"))
            await api.until(lambda: len(desk.messages(ticket.number)) >= 2)
            await asyncio.to_thread(desk.close, ticket.number, "李姐", "答复了", now())
            await api.until(lambda: any("人工服务结束" in text for text in api.texts(chat)))
            assert len(api.shown[chat]) == known + 3
            [answer] = await api.say(chat, "工伤认定要多久")
            assert "工伤认定" in answer.text
            said = telegram_engine.transcripts.read(f"telegram:{chat}")
            assert [entry.text for entry in said if entry.name == "李姐"] == ["您好 <请稍等> & 别急"]

    run(test())


def test_a_picture_for_an_agent_is_said_not_to_arrive(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat, now = newcomer(), telegram_engine.services.now
            await api.say(chat, "/human")
            ticket = telegram_engine.desk.open_ticket_of(f"telegram:{chat}")
            assert ticket is not None
            await asyncio.to_thread(telegram_engine.desk.take, ticket.number, "李姐", now())
            await api.until(lambda: any("李姐 来了" in text for text in api.texts(chat)))
            photo, _ = THINGS["photo"]
            [shown] = await api.tell(chat, api.message(chat, **photo))
            assert "转不给工作人员" in shown.text
            await asyncio.to_thread(telegram_engine.desk.close, ticket.number, "李姐", "答复了", now())

    run(test())


def test_an_agent_learns_that_a_resident_cannot_be_reached(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat, now, desk = newcomer(), telegram_engine.services.now, telegram_engine.desk
            await api.say(chat, "/human")
            ticket = desk.open_ticket_of(f"telegram:{chat}")
            assert ticket is not None
            await asyncio.to_thread(desk.take, ticket.number, "李姐", now())
            await api.until(lambda: any("李姐 来了" in text for text in api.texts(chat)))
            api.blocked.add(chat)
            await asyncio.to_thread(desk.say, ticket.number, Author.AGENT, "李姐", "在吗", now())
            await api.until(lambda: any("没有送到" in message.text for message in desk.messages(ticket.number)))
            await asyncio.to_thread(desk.close, ticket.number, "李姐", "找不到人", now())

    run(test())
