"""Latin letters with a slip of the keyboard: how far they are from a name, and where in it they stand."""

from matchhub.core.pinyin import BETWEEN, search_key, sounds_of

SHORTEST = 5
LONGEST = 24


def slips_allowed(typed: str) -> int:
    """How many letters may be wrong, missing, too many or swapped with their neighbour: one, and two in eight or more. None in
    what is short, long, or not written in Latin letters."""
    key = search_key(typed) if typed.isascii() else ""
    return 0 if not SHORTEST <= len(key) <= LONGEST or not key.isalpha() else 1 if len(key) < 8 else 2


def slips(typed: str, text: str, *, anywhere: bool = False) -> int:
    """The fewest such changes that make `typed` the beginning of `text`, or a part of it (optimal string alignment)."""
    before: list[int] = []
    row = [0] * (len(text) + 1) if anywhere else list(range(len(text) + 1))
    for at, letter in enumerate(typed, start=1):
        earlier, before, row = before, row, [at]
        for place, other in enumerate(text, start=1):
            cost = min(before[place - 1] + (letter != other), before[place] + 1, row[place - 1] + 1)
            if earlier and place > 1 and letter == text[place - 2] and typed[at - 2] == other:
                cost = min(cost, earlier[place - 2] + 1)
            row.append(cost)
    return min(row)


def slips_in(typed: str, search_text: str) -> int:
    """The fewest changes that lead from `typed` to a part of what an organization is found by."""
    key = search_key(typed)
    parts = {search_key(part) for part in search_text.split(BETWEEN) if part.isascii()}
    return min((slips(key, part, anywhere=True) for part in parts if len(part) >= SHORTEST), default=LONGEST)


def span_of(name: str, typed: str) -> tuple[int, int] | None:
    """Where in `name` stands what was meant by `typed`; None where nothing is near enough."""
    most, key = slips_allowed(typed), search_key(typed)
    if not most:
        return None
    sounds = sounds_of(name)
    starts = [
        at for at, part in enumerate(sounds) if part and (not name[at].isascii() or at == 0 or name[at - 1] == " ")
    ]
    found = [(slips(key, "".join(sounds[at:])[: len(key) + 2]), at) for at in starts]
    best, start = min(found, default=(most + 1, 0))
    return (start, _end(sounds, start, len(key))) if best <= most else None


def _end(sounds: list[str], start: int, length: int) -> int:
    held, end = 0, start
    while end < len(sounds) and held < length:
        held, end = held + len(sounds[end]), end + 1
    return end
