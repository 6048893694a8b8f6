"""The typeface for all that is drawn by us: watermarks, share pictures, certificates.

One file, so that what is drawn looks the same on every machine. It holds Latin, punctuation, GB2312 and some characters
that are common in names; its licence (OFL 1.1) lies beside it.
"""

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

SANS = Path(__file__).parent / "typefaces" / "NotoSansCJKsc-GB2312.otf"


@lru_cache(maxsize=32)
def sans(size: int) -> ImageFont.FreeTypeFont:
    """The typeface at `size` pixels, for Pillow."""
    return ImageFont.truetype(SANS, size)
