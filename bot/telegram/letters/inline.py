"""Inline mode (在别的聊天里查): items for what somebody types behind the bot's name, ready to be sent there."""

from __future__ import annotations

from telegram import InlineQueryResultArticle, InlineQueryResultsButton, InputTextMessageContent
from telegram.constants import ParseMode
from telegram.helpers import create_deep_linked_url

from bot.answering.compose import Composer
from bot.lookup.index import LookupIndex
from bot.lookup.reading import LONGEST_TYPED
from bot.query import OVERVIEW
from bot.telegram.letters.layout import LONGEST, Block, Line, Style, pages
from bot.telegram.letters.letter import Button
from bot.telegram.letters.markup import NO_PREVIEW, keyboard_of
from bot.telegram.letters.outgoing import Voice, lines_of_answers
from knowledge.model import ServiceItem

MOST_RESULTS = 10
CACHE_SECONDS = 300
"""How long Telegram may give the same answer to the same words."""
ALL_ITEMS = "items"
"""What /start gets from the button above the results."""


def inline_results(text: str, index: LookupIndex, voice: Voice, bot_name: str) -> list[InlineQueryResultArticle]:
    """Return the items that fit *text*, the best first; none where nothing is typed."""
    typed = text.strip()[:LONGEST_TYPED]
    if not typed:
        return []
    found = index.suggest(typed, MOST_RESULTS)
    named = [(one.item, one.label) for one in found]
    if not named:
        says = voice.services.ground.ways.says
        named = [(hit.item, says.get(hit.item.id, hit.item.title)) for hit in index.search(typed, MOST_RESULTS)]
    return [_article(item, label, voice, bot_name) for item, label in named]


def all_items_button(voice: Voice) -> InlineQueryResultsButton:
    """Return the button above the results, which leads to the whole list."""
    return InlineQueryResultsButton(voice.copy.say("inline_all"), start_parameter=ALL_ITEMS)


def _article(item: ServiceItem, label: str, voice: Voice, bot_name: str) -> InlineQueryResultArticle:
    ask = Button(voice.copy.say("inline_ask"), url=create_deep_linked_url(bot_name, item.id))
    return InlineQueryResultArticle(
        id=item.id,
        title=label,
        description=item.title,
        input_message_content=InputTextMessageContent(
            _overview(item, voice), parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW
        ),
        reply_markup=keyboard_of(((ask,),)),
    )


def _overview(item: ServiceItem, voice: Voice) -> str:
    """Return what is needed first to know of an item in one message: whole facets, as many as fit."""
    services = voice.services
    composed = Composer(services.wording, services.now().date()).answer(item, (OVERVIEW,))
    messages = [message.as_json() for message in composed]
    blocks: list[Block] = list(lines_of_answers(messages, voice))
    more: Block = [Line(voice.copy.say("inline_more"), Style.ASIDE)]
    if len(pages(blocks)) == 1:
        return pages(blocks)[0]
    while len(blocks) > 1 and len(pages([*blocks, more], LONGEST)) > 1:
        blocks.pop()
    return pages([*blocks, more])[0]
