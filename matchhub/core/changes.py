"""What changed between two texts, word by word: Latin words and numbers as they stand, Chinese by character."""

import re
from difflib import SequenceMatcher

TOKEN = re.compile(r"[A-Za-z0-9.%]+|\s+|.", re.DOTALL)
MOST_TOKENS = 3_000  # beyond it the whole text counts as changed: a reader would not follow the pieces anyway
SHORT = 2  # characters in common that would only chop up a change around them

Piece = tuple[str, bool]


def word_changes(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces (text, is_changed), neighbours alike joined: what went, and what came."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    if max(len(old), len(new)) > MOST_TOKENS:
        return [(before, True)], [(after, True)]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    gone: list[Piece] = []
    come: list[Piece] = []
    for place, (tag, a, b, c, d) in enumerate(blocks):
        inside = 0 < place < len(blocks) - 1
        changed = tag != "equal" or (inside and sum(map(len, old[a:b])) < SHORT)
        _join(gone, "".join(old[a:b]), changed)
        _join(come, "".join(new[c:d]), changed)
    return gone, come


def _join(pieces: list[Piece], text: str, changed: bool) -> None:
    if not text:
        return
    if pieces and pieces[-1][1] == changed:
        pieces[-1] = (pieces[-1][0] + text, changed)
    else:
        pieces.append((text, changed))
