"""Picking (选项): a message that answers an open question, by number, ordinal, its words, or a word that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.dialogue.choosing import find_choice, is_number
from bot.dialogue.cues import Cues
from bot.dialogue.forms import label_form
from bot.dialogue.ground import Ground
from bot.dialogue.narrowing import narrow, open_choices
from bot.dialogue.steps import Step, Steps
from bot.dialogue.thread import Thread
from bot.dialogue.ways import label_of
from bot.query import OVERVIEW, Decision
from bot.understanding.applicants import find_applicant
from knowledge.vocabulary.branches import Branch, BranchQuestion
from knowledge.vocabulary.look_alikes import find_group


class Picking:
    """One message before the open question of its thread; *facets* are those that it names itself."""

    def __init__(
        self, cues: Cues, facets: Sequence[str], thread: Thread, ground: Ground, steps: Steps, names_another: bool
    ) -> None:
        self._cues = cues
        self._facets = tuple(facets)
        self._thread = thread
        self._ground = ground
        self._steps = steps
        self._names_another = names_another

    def step(self) -> Step | None:
        """Return the step for what is picked; None where the message is no answer to the open question."""
        thread, base = self._thread, self._ground.base
        # Ways on are cleared by every answer and question, so where there are any they were shown last.
        way = self._way()
        if way is not None:
            return way
        # What has vanished from the base keeps its number, and cannot be picked.
        titles = self._offered_labels()
        if titles:
            index = find_choice(self._cues.bare, titles)
            if index is not None and titles[index]:
                return self._steps.answer((thread.offered[index],), self._facets or thread.facets, thread)
        if thread.asking in base.by_id:
            chosen = self._branch(thread.asking)
            if chosen is not None:
                return chosen
        other = self._another_branch()
        if other is not None:
            return other
        if is_number(self._cues.bare):
            if thread.offered or thread.asking:
                return self._no_such_choice()
            if thread.ways:
                return self._no_such_way()
        return None

    def _offered_labels(self) -> list[str]:
        """Return what is written on the choices of items: title, and what makes it so beside its look-alikes."""
        by_id, offered = self._ground.base.by_id, self._thread.offered
        group = find_group(self._ground.look_alikes, offered)
        when = {case.item: case.when for case in group.cases} if group else {}
        return [f"{by_id[id_].title}（{when.get(id_, '')}）" if id_ in by_id else "" for id_ in offered]

    def _branch(self, item_id: str) -> Step | None:
        """Return the answer for the choice of the open narrowing question that the message picks."""
        item = self._ground.base.by_id[item_id]
        questions = self._ground.branches.get(item_id, ())
        question = narrow(item, self._thread.facets, questions, self._thread).question
        if question is not None:
            return self._choice_of(question, open_choices(question, item_id, self._thread))
        if is_number(self._cues.bare):
            return None
        # An applicant told in the same message ("事业单位，在编的") may have left nothing to ask: it was asked, though.
        steps = (self._choice_of(question, question.choices) for question in questions)
        return next((step for step in steps if step is not None), None)

    def _choice_of(self, question: BranchQuestion, choices: Sequence[Branch]) -> Step | None:
        index = find_choice(self._cues.bare, [branch.label for branch in choices])
        if index is None and not self._names_another:
            index = picked_by_word(self._cues.normal, choices)
        if index is None:
            return None
        thread = choose_branch(self._thread, question.item, question, choices[index])
        return self._steps.answer((question.item,), self._facets or thread.facets, thread)

    def _another_branch(self) -> Step | None:
        """Return the answer for another choice than the one made before ("不对，我用手机办", "我是事业单位的")."""
        item_id, thread = self._thread.item, self._thread
        if item_id not in self._ground.base.by_id or self._names_another:
            return None
        if not (self._cues.corrects or self._cues.introduces):
            return None
        for question in self._ground.branches.get(item_id, ()):
            labels = {(item_id, branch.label) for branch in question.choices}
            index = picked_by_word(self._cues.normal, question.choices)
            if index is None or not labels & {*thread.chosen}:
                continue
            if (item_id, question.choices[index].label) not in thread.chosen:
                after = choose_branch(thread, item_id, question, question.choices[index])
                return self._steps.answer((item_id,), self._facets or thread.facets, after)
        return None

    def _way(self) -> Step | None:
        """Return the answer to what was suggested at the end of the last one, by its number or whole label."""
        if is_number(self._cues.bare):
            index = find_choice(self._cues.bare, self._thread.ways)
        else:
            labels = [label_form(label_of(way, self._thread.item, self._ground)) for way in self._thread.ways]
            said = (self._cues.normal, self._cues.bare)
            index = next((number for number, label in enumerate(labels) if label and label in said), None)
        if index is None:
            return None
        kind, _, name = self._thread.ways[index].partition(":")
        if kind == "facet" and self._thread.item in self._ground.base.by_id:
            return self._steps.answer((self._thread.item,), (name,), self._thread)
        if kind == "item" and name in self._ground.base.by_id:
            return self._steps.answer((name,), (OVERVIEW,), self._thread)
        return None

    def _no_such_way(self) -> Step:
        thread = self._thread
        again = Step(Decision.CLARIFY, (), thread.facets, thread.applicant, "no_such_choice", thread)
        return self._steps.failing(again)

    def _no_such_choice(self) -> Step:
        thread = self._thread
        left = tuple(id_ for id_ in thread.offered if id_ in self._ground.base.by_id)
        if thread.asking in self._ground.base.by_id:
            answer = self._steps.answer((thread.asking,), thread.facets, thread)
            return self._steps.failing(replace(answer, topic="no_such_choice"))
        topic = "no_such_choice" if left else ""
        after = replace(thread, offered=left, asking=None)
        return self._steps.failing(Step(Decision.CLARIFY, left, thread.facets, thread.applicant, topic, after))


def choose_branch(thread: Thread, item_id: str, question: BranchQuestion, branch: Branch) -> Thread:
    """Return the thread with *branch* chosen in the place of other answers to *question*.

    Who the resident is, is remembered for other items where the label says it, as if it had been typed: whoever picks
    "企业职工养老保险（含灵活就业）" or "供养亲属的救济费" need not be a company.
    """
    said = find_applicant(label_form(branch.label))
    told = said if said == branch.applicant else None
    labels = {choice.label for choice in question.choices}
    before = tuple(pair for pair in thread.chosen if pair[0] != item_id or pair[1] not in labels)
    return replace(
        thread,
        chosen=(*before, (item_id, branch.label)),
        whole=tuple(id_ for id_ in thread.whole if id_ != item_id),
        applicant=told or thread.applicant,
        told=told or thread.told,
    )


def choose_again(thread: Thread, item_id: str, normal: str, ground: Ground) -> Thread:
    """Return the thread as a message leaves it that names another branch of an item narrowed before ("那机关的呢")."""
    for question in ground.branches.get(item_id, ()):
        labels = {choice.label for choice in question.choices}
        was_asked = item_id in thread.whole or any(id_ == item_id and label in labels for id_, label in thread.chosen)
        index = picked_by_word(normal, question.choices) if was_asked else None
        if index is not None:
            thread = choose_branch(thread, item_id, question, question.choices[index])
    return thread


def picked_by_word(normal: str, choices: Sequence[Branch]) -> int | None:
    """Return the choice whose word stands in the message: the longest counts, two of one length pick none."""
    found = sorted(
        ((len(word), index) for index, branch in enumerate(choices) for word in branch.says if word in normal),
        reverse=True,
    )
    if not found or (len(found) > 1 and found[0][0] == found[1][0] and found[0][1] != found[1][1]):
        return None
    return found[0][1]
