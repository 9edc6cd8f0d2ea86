"""Probation given in words: "合同期限为两年，试用期六个月" (L-probation).

Rules kept here:

* The number right after the word for probation is its length; another span of months or years
  in the same sentence is the contract's term.
* The longest probation follows 劳动合同法 19, as in `term`; "三年以上" includes three years.
"""

from signing.domain.rules.reading import Sentence, Word

_MONTHS = {"months": 1.0, "years": 12.0}
_LONGEST = ((36.0, 6.0), (12.0, 2.0), (3.0, 1.0), (0.0, 0.0))


def is_too_long(sentence: Sentence) -> bool | None:
    """Whether a sentence promises a probation that its own term forbids; None: it gives no two."""
    if not {"probation", "contract_term"} <= sentence.tags:
        return None
    words = [w for w in sentence.words if not w.shielded]
    at = next((i for i, w in enumerate(words) if "probation" in w.tags and not w.denied), None)
    if at is None:
        return None
    probation = next((w for w in words[at:] if w.token.unit in _MONTHS), None)
    terms = [w for w in words if w.token.unit in _MONTHS and w is not probation]
    if probation is None or not terms:
        return None
    term = max(_months(w) for w in terms)
    most = next(longest for least, longest in _LONGEST if term >= least)
    return _months(probation) > most


def _months(word: Word) -> float:
    return (word.token.value or 0.0) * _MONTHS[word.token.unit]
