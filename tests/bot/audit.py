"""An independent judge of replies: what a resident may expect by the guide, the narrowing questions and what was said.

Nothing here asks the code under test what to show: what applies is told anew from the facts and from branches.yml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.answering.messages import Answer, Choices, Handoff, PhoneNumber, Text
from bot.dialogue.ground import Ground
from bot.dialogue.reply import Reply
from bot.query import FACET_NAMES, OVERVIEW, Decision
from bot.understanding.applicants import find_applicant
from bot.wording import Wording
from knowledge.model import Facet, Fact, KnowledgeBase
from knowledge.values import Heading, Material
from knowledge.vocabulary.branches import Branch, BranchQuestion
from knowledge.vocabulary.ways_on import WaysOn
from tests.bot.walks import SILENT_MINUTES, Kind, ListKind, Memory, Message, Shown, normal

ALSO = {
    "企业": {"单位"},
    "机关事业单位": {"单位"},
    "单位": {"企业", "机关事业单位"},
    "灵活就业人员": {"个人"},
}
"""What else an applicant may be called in the guide."""

LONG = 600
"""Characters from which a facet may wait for the answer to a question."""

ENOUGH = 3
"""Times of being asked back, or of saying something that comes to nothing, by the last of which a person is offered."""

OVERVIEW_SHOWS = ("conditions", "materials", "methods", "time_limit", "location", "phone")
SPEAKING = (Kind.INTRODUCTION, Kind.FOLLOW_UP, Kind.QUESTION, Kind.NAMED, Kind.VAGUE, Kind.FAINT, Kind.BACK)
"""What somebody does who may say what the case is, whatever else is said."""

ANY = frozenset(Decision)
NOT_ANSWERED = ANY - {Decision.ANSWER}


@dataclass(frozen=True)
class Reading:
    """One way in which a message may rightly be taken: what is remembered by then, and what has to come of it.

    *items* and *facets* are None where anything may be answered; it *fails* where nothing can come of the message.
    """

    memory: Memory
    decisions: frozenset[Decision]
    items: tuple[str, ...] | None = None
    facets: frozenset[tuple[str, ...]] | None = None
    fails: bool = False


class Auditor:
    """Follows a conversation and finds fault with replies."""

    @classmethod
    def of(cls, ground: Ground, wording: Wording) -> Auditor:
        """Return who judges what is said in *wording* by the data that *ground* holds, and by nothing that it does."""
        return cls(ground.base, ground.branches, ground.ways, wording)

    def __init__(
        self, base: KnowledgeBase, branches: Mapping[str, Sequence[BranchQuestion]], ways: WaysOn, wording: Wording
    ) -> None:
        self._base = base
        self._branches = branches
        self._ways = ways
        self._wording = wording
        self._facet_of = {wording.next_facet(name): name for name in FACET_NAMES}
        named = {facet: wording.facet(facet.value) for facet in Facet}
        self._narrowed = tuple(wording.say("narrowed_by", label="\0").split("\0"))
        self._waiting = {
            facet: tuple(wording.say("held_back", title="\0", facet=name).split("\0")) for facet, name in named.items()
        }
        self._silent = {
            facet: tuple(wording.say(key, facet=name) for key in ("silent", "silent_picture"))
            for facet, name in named.items()
        }
        self._source = tuple(wording.say("source", lines="\0").split("\0"))
        self._counted = re.compile(wording.say("papers", count="_", parts="").split("_")[0] + r"(\d+)")

    def follow(self, memories: Sequence[Memory], message: Message, reply: Reply) -> tuple[list[Memory], list[str]]:
        """Return what may be remembered after a turn, and what is wrong with *reply* however it is read."""
        kept: dict[Memory, None] = {}
        wrong: list[str] = []
        for memory in memories:
            for reading in self._readings(memory, message):
                after, faults = _Turn(self, reading, reply).judge()
                if faults:
                    wrong = wrong or faults
                else:
                    kept[after] = None
        return list(kept), [] if kept else wrong

    # ------------------------------------------------------------ what is expected

    def _readings(self, memory: Memory, message: Message) -> Iterator[Reading]:
        if message.minutes >= SILENT_MINUTES:
            former = tuple(dict.fromkeys([*([memory.item] if memory.item else []), *memory.former]))
            memory = Memory(former=former)
        if message.told is not None:
            # What was said last counts: cases that are no such applicant's are forgotten.
            now = Memory(told=message.told)
            cases = [pair for item, _ in memory.chosen for pair in self.cases_of(item)]
            mine = {(q.item, b.label) for q, b in cases if b in self.left_open(q, now)}
            memory = replace(memory, told=message.told, chosen=memory.chosen & mine)
        yield from self._plain_readings(memory, message)
        yield from self._by_words(memory, message)

    def _plain_readings(self, memory: Memory, message: Message) -> Iterator[Reading]:
        kind, shown, item = message.kind, memory.shown, memory.item
        asked = message.facets or (OVERVIEW,)
        if kind in (Kind.QUESTION, Kind.TWO_ITEMS):
            yield _answered(memory, message.items, asked)
        elif kind is Kind.NAMED:
            before = [memory.facets] if memory.facets and not message.facets else []
            yield _answered(memory, message.items, asked, *before)
        elif kind is Kind.FOLLOW_UP and shown and shown.kind is ListKind.ITEMS:
            yield _answered(memory, (self.item_on(shown.labels[0]),), asked)
        elif kind is Kind.FOLLOW_UP and item:
            yield _answered(memory, (item,), asked)
        elif kind is Kind.BACK and memory.former and not (shown and shown.kind is ListKind.ITEMS):
            yield _answered(memory, memory.former[:1], asked)
        elif kind is Kind.INTRODUCTION and item and not (shown and shown.kind is ListKind.ITEMS):
            yield _answered(memory, (item,), memory.facets)
        elif kind is Kind.CHOICE and shown and message.picks is not None:
            yield self._picked(memory, shown, shown.labels[message.picks])
        elif kind is Kind.NO_CHOICE and shown:
            yield self._not_offered(memory, shown)
        elif kind is Kind.ALL and item:
            yield _answered(replace(memory, whole=memory.whole | {item}), (item,), memory.facets)
        elif kind is Kind.NONE_OF_THESE and shown and shown.kind is ListKind.CASES and shown.item:
            yield _answered(replace(memory, whole=memory.whole | {shown.item}), (shown.item,), memory.facets)
        elif kind is Kind.NONE_OF_THESE and shown and shown.kind is ListKind.ITEMS:
            yield Reading(memory, frozenset({Decision.CLARIFY, Decision.HANDOFF}))
        elif kind in (Kind.SMALL_TALK, Kind.OUTSIDE, Kind.NOISE, Kind.PERSON, Kind.CALL_OFF):
            yield Reading(memory, NOT_ANSWERED, fails=kind is Kind.NOISE)
        else:
            yield Reading(memory, ANY)

    def _picked(self, memory: Memory, shown: Shown, label: str) -> Reading:
        if shown.kind is ListKind.CASES and shown.item:
            question, branch = next(case for case in self.cases_of(shown.item) if case[1].label == label)
            return _answered(self._with_case(memory, question, branch), (shown.item,), memory.facets)
        if shown.kind is ListKind.ITEMS:
            return _answered(memory, (self.item_on(label),), memory.facets or (OVERVIEW,))
        if label in self._facet_of and shown.item:
            return _answered(memory, (shown.item,), (self._facet_of[label],))
        return _answered(memory, (self.item_behind(shown.item, label),), (OVERVIEW,))

    def _not_offered(self, memory: Memory, shown: Shown) -> Reading:
        if shown.kind is ListKind.CASES and shown.item:
            answered = _answered(memory, (shown.item,), memory.facets)
            return replace(answered, decisions=answered.decisions | {Decision.HANDOFF}, fails=True)
        return Reading(memory, frozenset({Decision.CLARIFY, Decision.HANDOFF}), fails=True)

    def _by_words(self, memory: Memory, message: Message) -> Iterator[Reading]:
        """Yield the readings of a message that settles a case by a word: the question is open, or was answered."""
        item, shown = (message.items or (memory.item,))[0], memory.shown
        if item is None or message.kind not in SPEAKING:
            return
        said = normal(message.query.text)
        for question, branch in self.cases_of(item):
            is_open = shown is not None and shown.kind is ListKind.CASES and branch.label in shown.labels
            answered = {(item, other.label) for other in question.choices} & memory.chosen or item in memory.whole
            pieces = [*branch.says, *(branch.label[at : at + 2] for at in range(len(branch.label) - 1))]
            if (is_open or answered) and any(piece in said for piece in pieces):
                asked = [message.facets or (OVERVIEW,), memory.facets or (OVERVIEW,)]
                yield _answered(self._with_case(memory, question, branch), (item,), *asked)

    def _with_case(self, memory: Memory, question: BranchQuestion, branch: Branch) -> Memory:
        """Return what is remembered once a case is picked: whose label says who the resident is, has told it."""
        others = {(question.item, other.label) for other in question.choices}
        says_who = branch.applicant is not None and find_applicant(normal(branch.label)) == branch.applicant
        return replace(
            memory,
            chosen=memory.chosen - others | {(question.item, branch.label)},
            whole=memory.whole - {question.item},
            told=branch.applicant if says_who else memory.told,
        )

    # ------------------------------------------------------------ what a label leads to

    def cases_of(self, item: str) -> Iterator[tuple[BranchQuestion, Branch]]:
        """Yield the cases of an item, each with its question."""
        for question in self._branches.get(item, ()):
            yield from ((question, branch) for branch in question.choices)

    def item_on(self, label: str) -> str:
        """Return the item whose title a choice has, alone or with the case in brackets behind it."""
        return next(
            (item.id for item in self._base if label == item.title or label.startswith(f"{item.title}（")),
            f"no item: {label}",
        )

    def item_behind(self, item: str | None, label: str) -> str:
        """Return the item to which a way on leads, of those after *item* where the list is about one."""
        said = {step.say: step.item for step in self._ways.next_for(item)} if item else {}
        titles = {known.title: known.id for known in self._base}
        return {**titles, **{say: id_ for id_, say in self._ways.says.items()}, **said}.get(label, f"no item: {label}")

    # ------------------------------------------------------------ what applies

    def left_open(self, question: BranchQuestion, memory: Memory) -> list[Branch]:
        """Return the cases of *question* that may still be the resident's."""
        chosen = [branch for branch in question.choices if (question.item, branch.label) in memory.chosen]
        if chosen or memory.told is None:
            return chosen or list(question.choices)
        same = [branch for branch in question.choices if branch.applicant == memory.told]
        alike = [branch for branch in question.choices if branch.applicant in ALSO.get(memory.told, ())]
        mine = same or alike
        # Whoever is not named may be anybody: such a case stays, but by itself settles nothing.
        return [b for b in question.choices if b in mine or b.applicant is None] if mine else list(question.choices)

    def excluded(self, facts: Sequence[Fact], question: BranchQuestion, memory: Memory) -> list[Fact]:
        """Return the facts of a facet that are of another case than those that may be the resident's."""
        kept = {heading for branch in self.left_open(question, memory) for heading in branch.headings}
        decided = {heading for branch in question.choices for heading in branch.headings}
        gone = {place for place, fact in enumerate(facts) if (decided - kept) & set(fact.applies_to)}
        # A heading goes with all that stands under it; where its chart is lost, by its name.
        gone |= {place for place in range(len(facts)) if (under := _under(facts, place)) and set(under) <= gone}
        names = [re.sub(r"^\W*\w\W+", "", fact.text) if isinstance(fact.value, Heading) else "" for fact in facts]
        gone |= {place for place, name in enumerate(names) if name in decided - kept}
        return [fact for place, fact in enumerate(facts) if place in gone]


def _under(facts: Sequence[Fact], place: int) -> list[int]:
    """Return the places of the facts that stand under the one at *place*; none where it is no heading."""
    heading, depth = facts[place], len(facts[place].applies_to)
    if not isinstance(heading.value, Heading):
        return []
    return [
        below
        for below, fact in enumerate(facts[place + 1 :], place + 1)
        if fact.applies_to[:depth] == heading.applies_to
        and "".join(fact.applies_to[depth : depth + 1]) in heading.text
        and len(fact.applies_to) > depth
    ]


def _answered(memory: Memory, items: tuple[str, ...], *facets: tuple[str, ...]) -> Reading:
    return Reading(memory, frozenset({Decision.ANSWER}), items, frozenset(facets))


class _Turn:
    """One reply under one reading."""

    def __init__(self, auditor: Auditor, reading: Reading, reply: Reply) -> None:
        self._auditor = auditor
        self._base = auditor._base
        self._wording = auditor._wording
        self._reading = reading
        self._memory = reading.memory
        self._reply = reply
        self._answers = [message for message in reply.messages if isinstance(message, Answer)]
        self._lists = [message for message in reply.messages if isinstance(message, Choices)]
        self._texts = [message.text for message in reply.messages if isinstance(message, Text)]
        self._shown: Shown | None = None

    def judge(self) -> tuple[Memory, list[str]]:
        """Return what is remembered after the turn, and the faults."""
        faults = [*self._decision(), *self._list(), *self._facts(), *self._counts(), *self._way_out()]
        return self._after(), faults

    # ------------------------------------------------------------ decision, items, facets

    def _decision(self) -> Iterator[str]:
        reply, reading = self._reply, self._reading
        if not reply.messages or not all(message.text.strip() for message in reply.messages):
            yield "says nothing"
        if reply.decision not in reading.decisions:
            yield f"decides {reply.decision}, not {sorted(map(str, reading.decisions))}"
        if self._is_answer() and reading.items is not None and self._answered() != reading.items:
            yield f"answers {self._answered()}, not {reading.items}"
        if self._is_answer() and reading.facets is not None and reply.facets not in reading.facets:
            yield f"answers on {reply.facets}, not {sorted(reading.facets)}"
        if self._is_answer() != bool(self._answers) and not any(self._held_back(facet) for facet in Facet):
            yield "answers without being an answer, or is one and answers nothing"
        if reading.fails and self._memory.shown and reply.decision in (Decision.ANSWER, Decision.CLARIFY):
            yield from self._no_choice()

    def _no_choice(self) -> Iterator[str]:
        shown = self._memory.shown
        count = len(shown.labels) if shown else 0
        if not any(f"1 到 {count}" in text for text in self._texts) and not self._offers_a_person():
            yield f"does not say that there are {count} choices"

    def _is_answer(self) -> bool:
        return self._reply.decision is Decision.ANSWER

    def _answered(self) -> tuple[str, ...]:
        """Return the items answered; where all waits for an answer to a question, the first that is named."""
        return tuple(dict.fromkeys(answer.item.id for answer in self._answers)) or (self._reply.items[0].id,)

    # ------------------------------------------------------------ facts

    def _facts(self) -> Iterator[str]:
        if not self._is_answer():
            return
        facets = _expanded(self._reply.facets)
        for answer in self._answers:
            yield from self._words(answer)
            if answer.facet not in facets:
                yield f"answers on {answer.facet}, which is not asked"
        for item in self._answered():
            for facet in facets:
                yield from self._facet(item, Facet(facet))

    def _facet(self, item: str, facet: Facet) -> Iterator[str]:
        """Find what is missing or too much on a facet, and what is left out without a word."""
        place, facts = f"{item} {facet}", self._base.by_id[item].facts_on(facet)
        answers = [answer for answer in self._answers if (answer.item.id, answer.facet) == (item, facet.value)]
        shown = [fact for answer in answers for fact in answer.facts]
        gone = [self._auditor.excluded(facts, question, self._memory) for question in self._questions(item)]
        excluded = [fact for others in gone for fact in others]
        missing = [fact for fact in facts if fact not in shown and fact not in excluded]
        if [fact for fact in facts if fact in shown] != shown:
            yield f"{place}: shows what the guide does not say there, or not in its order"
        if wrong := [fact.text for fact in shown if fact in excluded]:
            yield f"{place}: shows what is of another case: {wrong}"
        if missing:
            yield from self._waits(place, item, facet, missing)
        elif self._held_back(facet) and len(self._answered()) == 1:
            yield f"{place}: is said to wait, and nothing does"
        if not answers and not missing:
            yield f"{place}: is passed over"
        for question, others in zip(self._questions(item), gone, strict=True):
            if others:
                yield from self._announced(place, question)

    def _questions(self, item: str) -> Sequence[BranchQuestion]:
        return () if item in self._memory.whole else self._auditor._branches.get(item, ())

    def _announced(self, place: str, question: BranchQuestion) -> Iterator[str]:
        """Find a case that is all that is shown, and is not said to be."""
        for branch in self._auditor.left_open(question, self._memory):
            head, tail = self._auditor._narrowed
            if not any(text.startswith(head) and text.endswith(tail) and branch.label in text for text in self._texts):
                yield f"{place}: does not say that only {branch.label} is shown"

    def _waits(self, place: str, item: str, facet: Facet, missing: Sequence[Fact]) -> Iterator[str]:
        """Find facts that are missing and do not wait for the question of this turn, or wait without need or word."""
        question = self._question_asked()
        if question is None or question.item != item:
            yield f"{place}: leaves out {[fact.text for fact in missing]}"
            return
        facts = self._base.by_id[item].facts_on(facet)
        waiting = [fact for fact in missing if set(fact.applies_to) & question.headings]
        over = [fact for at, fact in enumerate(facts) if any(facts[below] in waiting for below in _under(facts, at))]
        if all(isinstance(fact.value, Heading) for fact in facts if fact not in waiting):
            over = [fact for fact in facts if fact not in waiting]  # column titles alone would say nothing
        if lost := [fact.text for fact in missing if fact not in waiting and fact not in over]:
            yield f"{place}: does not wait for the question, and is left out: {lost}"
        if sum(len(fact.text) for fact in waiting) <= LONG:
            yield f"{place}: lets wait what is short"
        if not self._held_back(facet):
            yield f"{place}: does not say that something waits"

    def _held_back(self, facet: Facet) -> bool:
        head, tail = self._auditor._waiting[facet]
        return any(text.startswith(head) and text.endswith(tail) for text in self._texts)

    def _words(self, answer: Answer) -> Iterator[str]:
        """Find a fact whose words or lines the text does not have, and silence that is none."""
        place = f"{answer.item.id} {answer.facet}"
        if lost := [fact.text for fact in answer.facts if fact.text.replace("\n", "") not in answer.text]:
            yield f"{place}: changes the words of {lost}"
        head, tail = self._auditor._source
        [_, *cited] = answer.text.split(head)
        spans = [span for part in cited for span in re.findall(r"(\d+)(?:–(\d+))?", part.split(tail)[0])]
        lines = {line for first, last in spans for line in range(int(first), int(last or first) + 1)}
        if lines != {line for fact in answer.facts for line in range(fact.lines.first, fact.lines.last + 1)}:
            yield f"{place}: names the lines {sorted(lines)}"
        stated = [f for f in answer.item.facts_on(Facet(answer.facet)) if not isinstance(f.value, Heading)]
        if bool(stated) == any(said in answer.text for said in self._auditor._silent[Facet(answer.facet)]):
            yield f"{place}: says that the guide is silent where it is not, or does not say that it is"

    def _counts(self) -> Iterator[str]:
        """Find a count of papers that is not that of the item answered before it."""
        item, papers = "", 0
        for message in self._reply.messages:
            if isinstance(message, Answer):
                papers = papers if message.item.id == item else 0
                item = message.item.id
                papers += sum(isinstance(fact.value, Material) for fact in message.facts)
            elif (found := self._auditor._counted.match(message.text)) and int(found.group(1)) != papers:
                yield f"counts {found.group(1)} papers of {papers}"

    # ------------------------------------------------------------ lists

    def _list(self) -> Iterator[str]:
        """Find a list that is not numbered as it is picked, or offers what is not there."""
        if len(self._lists) > 1:
            yield "asks two questions"
        # An open question, or the range of the numbers that were shown before.
        asks = any("？" in text or "1 到" in text for text in self._texts)
        if self._reply.decision is Decision.CLARIFY and not self._lists and not asks:
            yield "asks back without a question"
        for asked in self._lists:
            labels = tuple(choice.label for choice in asked.choices)
            lines = asked.text.splitlines()[1:]
            if [choice.value for choice in asked.choices] != [str(number + 1) for number in range(len(labels))]:
                yield f"numbers are {[choice.value for choice in asked.choices]}"
            if lines != [f"{number}. {label}" for number, label in enumerate(labels, 1)] or not labels:
                yield f"the list reads {lines}"
            if len(set(labels)) < len(labels):
                yield f"offers the same twice: {labels}"
            yield from self._offers(labels)

    def _offers(self, labels: tuple[str, ...]) -> Iterator[str]:
        question = self._question_asked()
        if question is not None:
            self._shown = Shown(ListKind.CASES, labels, question.item)
            wanted = tuple(branch.label for branch in self._auditor.left_open(question, self._memory))
            if labels != wanted or len(labels) < 2 or question.item in self._memory.whole:
                yield f"offers the cases {labels}, not {wanted}"
        elif self._reply.decision is Decision.CLARIFY:
            self._shown = Shown(ListKind.ITEMS, labels, None)
            items = [self._auditor.item_on(label) for label in labels]
            if items != [candidate.id for candidate in self._reply.items]:
                yield f"offers {items}, not {[candidate.id for candidate in self._reply.items]}"
        else:
            item = self._reply.items[0].id if self._is_answer() else None
            self._shown = Shown(ListKind.WAYS, labels, item)
            yield from self._leads_on(item, labels)

    def _leads_on(self, item: str | None, labels: Iterable[str]) -> Iterator[str]:
        """Find ways on that lead nowhere, or to what was just said."""
        said = _expanded(self._reply.facets) if item else ()
        for label in labels:
            facet = self._auditor._facet_of.get(label)
            if facet is None and self._auditor.item_behind(item, label) not in self._base.by_id:
                yield f"suggests “{label}”, which is nothing"
            if facet and (item is None or facet in said or not self._base.by_id[item].facts_on(Facet(facet))):
                yield f"suggests “{label}”, on which there is nothing more to say"

    def _question_asked(self) -> BranchQuestion | None:
        """Return the narrowing question that the reply asks."""
        if not self._lists or not self._is_answer():
            return None
        first = self._lists[-1].text.splitlines()[0]
        for question, _ in self._auditor.cases_of(self._answered()[0]):
            if first == self._wording.say("clarify_between", question=question.question):
                return question
        return None

    # ------------------------------------------------------------ what comes after

    def _way_out(self) -> Iterator[str]:
        """Find a turn after which somebody who has waited long enough is still offered nobody."""
        asked, failed = self._counted()
        asks = self._reply.decision is Decision.CLARIFY and not self._reading.fails
        waits = failed >= ENOUGH or (asked >= ENOUGH and asks)
        if waits and not self._offers_a_person():
            yield f"asks back {asked} times and fails {failed} times in a row, and offers nobody"

    def _counted(self) -> tuple[int, int]:
        """Return how often in a row was asked back, and how often nothing came of it, this turn included."""
        memory, decision = self._memory, self._reply.decision
        if decision is Decision.CLARIFY:
            comes_to_nothing = self._reading.fails or not self._lists
            return memory.asked + (not self._reading.fails), memory.failed + comes_to_nothing
        if self._is_answer():
            return 0, memory.failed + 1 if self._reading.fails else 0
        return memory.asked, memory.failed + 1 if self._reading.fails else 0

    def _offers_a_person(self) -> bool:
        messages = self._reply.messages
        return any(isinstance(m, Handoff | PhoneNumber) or "转人工" in m.text for m in messages)

    def _after(self) -> Memory:
        memory, reply = self._memory, self._reply
        asked, failed = self._counted()
        memory = replace(memory, asked=asked, failed=0 if reply.decision is Decision.HANDOFF else failed)
        if self._is_answer():
            item = self._answered()[0]
            spoken_of = [id_ for id_ in (memory.item, *memory.former) if id_ and id_ != item]
            former = memory.former if item == memory.item else tuple(dict.fromkeys(spoken_of))
            return replace(memory, item=item, facets=reply.facets, former=former, shown=self._shown)
        if reply.decision is Decision.CLARIFY:
            facets = tuple(name for name in reply.facets if name != OVERVIEW) or memory.facets
            stays = memory.shown if self._reading.fails else None
            return replace(memory, facets=facets, shown=self._shown or stays)
        return replace(memory, shown=self._shown or memory.shown)


def _expanded(facets: Iterable[str]) -> tuple[str, ...]:
    """Return the facets that are to be shown, each once."""
    shown = [one for name in facets for one in (OVERVIEW_SHOWS if name == OVERVIEW else (name,))]
    return tuple(dict.fromkeys(shown))
