"""The typeface for all that is drawn by us: watermarks, share pictures, certificates.

One file, so that what is drawn looks the same on every machine. It holds Latin, punctuation, GB2312 and some characters
that are common in names; its licence (OFL 1.1) lies beside it.
"""

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont
from pypinyin import lazy_pinyin, Style

SANS = Path(__file__).parent / "typefaces" / "NotoSansCJKsc-GB2312.otf"


@lru_cache(maxsize=32)
def sans(size: int) -> ImageFont.FreeTypeFont:
    """The typeface at `size` pixels, for Pillow."""
    return ImageFont.truetype(SANS, size)


def drawable(text: str) -> str:
    """The text with the pinyin of those characters that the typeface lacks: 李䶮 becomes 李Yǎn, not 李 and a box."""
    return "".join(one if _is_drawn(one) else _sound(one) for one in text)


@lru_cache(maxsize=4096)
def _is_drawn(character: str) -> bool:
    """Whether the typeface has a picture for the character, which is not the box that stands for all it lacks."""
    return character.isspace() or bytes(sans(24).getmask(character)) != bytes(sans(24).getmask("\uffff"))


def _sound(character: str) -> str:
    return "".join(lazy_pinyin(character, style=Style.TONE, errors="ignore")).capitalize() or "□"
