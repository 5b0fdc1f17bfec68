"""Find a person's names and codes in what people typed, going by marks of words alone."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from carehouse.erasure.tombstones import mark

LONGEST = 5  # words of a name
GONE = "(erased)"
CODE = re.compile(r"[A-Za-z]{1,5}[ _-]?[0-9]{2,6}")
Span = tuple[int, int]


@dataclass(frozen=True)
class Names:
    """`mentions` are found inside longer texts too, `labels` only where they are all of it."""

    key: bytes
    labels: frozenset[str]
    mentions: frozenset[str]

    def is_named(self, text: str | None) -> bool:
        """Whether a text is a person's name or code and nothing else."""
        if not text or len(text) > 200:
            return False
        found = _words(text)
        if not found:
            return False
        if mark(self.key, _joined(text, found)) in self.labels:
            return True
        spans = self._spans(text)
        return bool(spans) and not _words(_without(text, spans, " "))

    def is_mentioned(self, text: str | None) -> bool:
        """Whether a person is named somewhere in a text."""
        return bool(text) and bool(self._spans(text))

    def redacted(self, text: str | None) -> str | None:
        """The text with a person's names taken out."""
        if not text:
            return text
        spans = self._spans(text)
        return _without(text, spans, GONE) if spans else text

    def is_file(self, name: str) -> bool:
        """Whether a file goes by the person's name, and by no other code."""
        stem = re.sub(r"\.[A-Za-z]{3,5}$", "", name.rpartition("/")[2])
        if self.is_named(stem):
            return True
        spans = self._spans(stem)
        return bool(spans) and not CODE.search(_without(stem, spans, " "))

    def _spans(self, text: str) -> list[Span]:
        """Where a person is named; the longest name that begins at a word."""
        words, found, after = _words(text), [], 0
        for first in range(len(words)):
            if first < after:
                continue
            for count in range(min(LONGEST, len(words) - first), 0, -1):
                span = words[first : first + count]
                if self._is_mention(_joined(text, span)):
                    found.append((span[0][0], span[-1][1]))
                    after = first + count
                    break
        return found

    def _is_mention(self, word: str) -> bool:
        return _mark(self.key, word) in self.mentions


@lru_cache(maxsize=100_000)
def _mark(key: bytes, word: str) -> str:
    return mark(key, word)


def name_word(text: str) -> str:
    """A name or code as it is marked: its letters and digits, in one case."""
    return _joined(text, _words(text))


def is_telling(text: str) -> bool:
    """Whether a name tells a person also inside a text: a code, or more than one word."""
    return len(_words(text)) > 1 or bool(CODE.fullmatch(text.strip()))


def _joined(text: str, words: list[Span]) -> str:
    return "".join(text[start:end] for start, end in words).casefold()


def _words(text: str) -> list[Span]:
    if text.isascii():
        return [found.span() for found in re.finditer(r"[A-Za-z0-9]+", text)]
    return list(_words_of_any_script(text))


def _words_of_any_script(text: str) -> Iterator[Span]:
    start = None
    for place, character in enumerate(text):
        # marks are letters' parts: without them Devanagari falls into pieces
        inside = character.isalnum() or unicodedata.category(character)[0] == "M"
        if inside and start is None:
            start = place
        elif not inside and start is not None:
            yield start, place
            start = None
    if start is not None:
        yield start, len(text)


def _without(text: str, spans: list[Span], instead: str) -> str:
    parts, last = [], 0
    for start, end in spans:
        parts += [text[last:start], instead]
        last = end
    return "".join([*parts, text[last:]])
