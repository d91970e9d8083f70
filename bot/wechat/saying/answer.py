"""The answer to a call (被动回复): XML with one text in it, whatever signs the text has."""

from __future__ import annotations

from wechatpy.replies import TextReply  # type: ignore[import-untyped]  # ships no types

from bot.wechat.arriving.incoming import Incoming

NOTHING = "success"
"""What the platform takes for: received, nothing to say."""


def answer_xml(incoming: Incoming, text: str) -> str:
    """Return *text* as the answer to *incoming*."""
    # A text that ends the section in which it stands goes on in the next.
    content = text.replace("]]>", "]]]]><![CDATA[>")
    return str(TextReply(source=incoming.account, target=incoming.openid, content=content).render())
