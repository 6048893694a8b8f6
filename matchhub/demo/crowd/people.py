"""Invented names of firms and persons, addresses and telephone numbers that belong to nobody."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from stdnum.cn import uscc

from matchhub.core.pinyin import sort_key
from matchhub.demo.content import crowd

CITY_WORDS = ("鄂州", "鄂州", "鄂州", "湖北")
PINYIN_LIMIT = 24
CROWD = "MB"  # beside the block of the played part


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm's names and what it makes (`line`: a record of the content)."""

    name: str
    short_name: str
    name_en: str
    line: dict[str, Any]


@dataclass
class Names:
    """Hands out names that nobody has yet."""

    rng: Random
    codes: dict[str, int]  # label of an industry → the last running number given out
    taken: set[str] = field(default_factory=set)
    numbers: int = 0

    def firm(self) -> Firm:
        """A firm around one product."""
        content = crowd()
        line = self.rng.choice(content["products"])
        trade, trade_en = content["trades"][line["industry"].split(".")[0]]
        brand = self.brand(3)
        latin = in_latin(brand)
        city = self.rng.choice(CITY_WORDS)
        return Firm(f"{city}{brand}{trade}有限公司", f"{brand}{trade[:2]}", f"{latin} {trade_en}", line)

    def brand(self, most: int) -> str:
        """Two or three syllables that no other name has."""
        syllables = crowd()["syllables"]
        while True:
            length = 2 if len(self.taken) < len(syllables) ** 2 // 3 else most
            brand = "".join(self.rng.sample(syllables, length))
            if brand not in self.taken:
                self.taken.add(brand)
                return brand

    def person(self) -> str:
        """A person's name; people share names, as people do."""
        content = crowd()
        return self.rng.choice(content["surnames"]) + self.rng.choice(content["given"])

    def code_name(self, label: str) -> str:
        """新材料-0007: the next of its industry."""
        self.codes[label] = self.codes.get(label, 0) + 1
        return f"{label}-{self.codes[label]:04d}"

    def number(self) -> int:
        """A running number."""
        self.numbers += 1
        return self.numbers


def in_latin(brand: str) -> str:
    """桉明 is Anming in English."""
    return sort_key(brand).split()[0].capitalize()[:PINYIN_LIMIT]


def person_in_latin(name: str) -> str:
    """张静姝 is Zhang Jingshu in English."""
    surname = next(part for part in sorted(crowd()["surnames"], key=len, reverse=True) if name.startswith(part))
    return f"{in_latin(surname)} {in_latin(name.removeprefix(surname))}"


def mobile(number: int) -> str:
    """A number of the block 154 0002…, kept for invented people."""
    return f"15400{200000 + number:06d}"


def code_of(region: str, number: int) -> str:
    """A valid credit code in a block that no register has given out."""
    front = f"91{region if region.isdigit() else '420700'}{CROWD}{number:07d}"
    return front + str(uscc.calc_check_digit(front))
