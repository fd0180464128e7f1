"""Tell reasons together that are alike but for one word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

NAMED = 3
"""Words that are named where reasons differ; the others are counted."""

_MARKS = ",;:."
"""What may end a word and is none of it."""


@dataclass(slots=True)
class _Fold:
    """Reasons alike but for the word at `place`; None as long as there is only one."""

    reasons: list[str]
    place: int | None = field(default=None)


def folded(reasons: Iterable[str], named: int | None = NAMED) -> Mapping[str, Sequence[str]]:
    """What is told -> the reasons it stands for: "list or add was refused" for one of each.

    Of the words in which reasons differ `named` are told, all of them where it is None.
    """
    folds: list[_Fold] = []
    known: dict[tuple[int, tuple[str, ...]], _Fold] = {}
    for reason in reasons:
        words = reason.split(" ")
        keys = [(place, (*words[:place], "", *words[place + 1 :])) for place in range(len(words))]
        for key in keys:
            fold = known.get(key)
            if fold and fold.place in (None, key[0]):
                fold.reasons.append(reason)
                fold.place = key[0]
                break
        else:
            fold = _Fold([reason])
            folds.append(fold)
            known.update((key, fold) for key in keys)
    return {_told(fold, named): fold.reasons for fold in folds}


def _told(fold: _Fold, named: int | None) -> str:
    """The first reason with the words of all in place of its own: "the profile has no 'a', 'b' or 'c'"."""
    if fold.place is None:
        return fold.reasons[0]
    others = [reason.split(" ")[fold.place] for reason in fold.reasons]
    ends = {each[len(each.rstrip(_MARKS)) :] for each in others}
    mark = ends.pop() if len(ends) == 1 else ""
    others = [each.removesuffix(mark) for each in others]
    if named is not None and (rest := len(others) - named) > 0:
        others = [*others[:named], f"{rest:,} {'other' if rest == 1 else 'others'}"]
    *first, last = others
    words = fold.reasons[0].split(" ")
    words[fold.place] = f"{', '.join(first)} or {last}{mark}"
    return " ".join(words)
