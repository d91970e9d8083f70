"""Whether the words around a time say that something has happened, or only ask, plan or count; no dates in here.

The patterns name what residents write in normal form, without signs: a clause ends where the next one starts.
"""

from __future__ import annotations

import re

from bot.dates.numerals import HAN

_EVENT = (
    r"(?:离职|辞职|辞工|辞退|裁员|下岗|失业|解雇|解聘|解除|终止|合同到期|入职|退休|退役|退伍"
    r"|受伤|工伤|摔伤|骨折|出事|事故|确诊|诊断|鉴定|认定|评残|出院|出狱|去世|过世|病逝|病故|死亡|身故|走[了咗]|没[了咗]"
    r"|成立|注册|开业|开工|开户|关门|倒闭|停业|停产|破产|拿证|发证|领证|拿到证|核发|认证|刷脸"
    r"|办结|受理|提交|递交|交上去|申请|申报|报名|挂失|迁入|迁来|迁出|被)"
)
"""What happens on one day, so that a time said beside it is the time since."""

_ASKS = r"(?:要|能|可|会|得|需|想|怎|吗|几|多|何|哪)"
_GOES_ON = r"(?:$|还|来得及|现|才|没|仍|也|就|今|到|怎么?办|想|材料|钱|一直|我|他|她|它|您|你|超)"
"""What follows a statement, so that it was not the first half of a question."""

_ASKED_BEFORE = re.compile(
    r"(?:要|需|得|再|加|每|共|第|差|缺|剩|满|够|足|早|晚|迟|后|前|还有|等(?![了咗])|不到|超过|不超|最[多少长短]|至[多少]|提前"
    r"|延[长期]|推迟|累计|连续|未来)(?:[是有了个满]|大概|刚好)*$"
)
_ASKED_BEHIND = re.compile(
    rf"[之以]?(?:内|后|上|下)|{_ASKS}|的(?!样子)|一次|一[交领认]|[了过](?:[吗么]|没有?$)|前(?:要|就|提|能|可)"
)
_LASTS = re.compile(
    r"(?:[交缴买续][了过满够的]?(?:社保|养老|保险|失业|医保|费|金)*|缴费|年限|工龄|工作|上班|打工|当兵|参保|领取|享受|服役"
    r"|[干做领用住待养学当])(?:[了过满够有足已都快]|时间)*$"
)
"""What goes on for months or years (交了15年) and tells no day."""

_EVENT_OR_NOTHING = re.compile(rf"{_EVENT}|^(?:已经|过[了去]|[都我有也快这])*$")
_GONE_BEHIND = re.compile(r"[了咗]|[以之]?前|以来|过去|有余")
_GONE_BEFORE = re.compile(r"(?:过[了去咗]|已经?等|等[了咗]|刚[好满]|正好|整整|已经|到现在|到今天|距今)[有是]?$")
_LIMIT_PASSED = re.compile(r"还(?!没)|怎么?办|就")
_SINCE_EVENT = re.compile(rf"{_EVENT}[了咗]?(?:到现在|到今天?|距今|已经?|都|也|[有快刚满好])*$")

_GAP = rf"(?:(?!{_ASKS}|[没未不别再后满快岁延])[\u4e00-\u9fffa-z]){{1,8}}?"
_HAPPENED = re.compile(
    r"的事"
    rf"|{_GAP}(?:咗|了(?!解|吗|没有?$|多少|(?:[0-9]|[{HAN}半几])+个?[天月年次]))"
    rf"|{_GAP}(?<![通超经不])过(?![了期世去程渡])"
    rf"|{_GAP}[的嘅][事职工伤休证院班婚]?(?:{_GOES_ON}|[吧啊呢])"
    r"|(?:就|才|我|去|又|刚){0,2}(?:拿到?|交|提交|递|送|领到?|办|做|出|定|评|考|签|收到?)的"
)
_EVENT_BEHIND = re.compile(rf"(?:{_GAP})?{_EVENT}(?![前后时])")
_EVENT_ON = re.compile(rf"{_EVENT}的?(?:时间|日期|日子|那天)?[是在于为]?$")
_NO_DAY_BEFORE = re.compile(r"(?:[每下比到至从等满截将]|将于|到了|截止|计划|打算|准备|预计)$")
_NO_DAY_BEHIND = re.compile(
    r"到|至|起|内|开始$|[以之]?[前后]|全年|一年|份?的(?!事)|是不是|能|可|要|会|出?生(?![了完])|[正腊冬]月"
)


def is_time_since(before: str, after: str, unit: str) -> bool:
    """Tell whether a length of time between *before* and *after* has gone by since something happened (离职10天了).

    *unit* is the last that was said: months and years are often those of work or of contributions (交了15年).
    """
    if _ASKED_BEHIND.match(after):
        return False
    if unit in "月年" and _LASTS.search(before):
        return False
    if unit == "年" and not _EVENT_OR_NOTHING.search(before):
        return False
    if _GONE_BEHIND.match(after) and not _ASKED_BEFORE.search(before):
        return True
    if before.endswith(("过了", "过咗")) and _LIMIT_PASSED.match(after):
        return False  # "过了30天还能报吗" asks about the limit itself
    goes_on = re.match(_GOES_ON, after) is not None
    return goes_on and (_GONE_BEFORE.search(before) or _SINCE_EVENT.search(before)) is not None


def has_happened(before: str, after: str, *, is_certainly_past: bool) -> bool:
    """Tell whether something has happened on a day that is named between *before* and *after* (上个月5号出的事).

    Where the day *is_certainly_past*, the event alone is enough: 10月30号离职.
    """
    if _NO_DAY_BEFORE.search(before) or _NO_DAY_BEHIND.match(after):
        return False
    if _HAPPENED.match(after):
        return True
    return is_certainly_past and (_EVENT_BEHIND.match(after) or _EVENT_ON.search(before)) is not None
