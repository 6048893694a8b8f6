"""Pictures of public pages to share in a chat: 1080 × 1440, a few lines and a QR code. Never of a need."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import segno
from PIL import Image, ImageDraw

from matchhub.core.fonts import sans

WIDTH, HEIGHT, MARGIN = 1080, 1440, 88
NAVY, WHITE, SOFT, INK, LINE = "#0b2148", "#ffffff", "#cbd7ee", "#16213a", "#445069"
BAND = 640  # the height of the dark upper part
QR_SIDE = 300
KEPT = 64  # cards in memory, about 60 kB each


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says; equal cards are the same picture."""

    product: str
    city: str
    title: str
    text: str
    lines: tuple[str, ...]
    call: str
    address: str  # where the QR code leads


@lru_cache(maxsize=KEPT)
def drawn(card: Card) -> bytes:
    """The card as PNG. Slow (about 0.1 s): call it outside writes."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), WHITE)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, WIDTH, BAND), fill=NAVY)
    pen.text((MARGIN, 80), f"{card.product}  {card.city}".strip(), font=sans(40), fill=SOFT)
    end = _lines(pen, card.title, top=190, size=76, ink=WHITE, most=3)
    _lines(pen, card.text, top=end + 24, size=40, ink=SOFT, most=3)
    top = BAND + 64
    for line in card.lines:
        top = _lines(pen, line, top=top, size=38, ink=INK, most=2) + 12
    code = _qr(card.address)
    picture.paste(code, (MARGIN, HEIGHT - MARGIN - QR_SIDE))
    beside = (MARGIN + QR_SIDE + 48, HEIGHT - MARGIN - QR_SIDE // 2 - 60)
    pen.text(beside, card.call, font=sans(40), fill=INK)
    host = card.address.split("//", 1)[-1].split("/", 1)[0]
    pen.text((beside[0], beside[1] + 68), host, font=sans(32), fill=LINE)
    target = io.BytesIO()
    picture.quantize(64).save(target, "PNG", optimize=True)
    return target.getvalue()


def qr_data_uri(text: str, *, scale: int = 6) -> str:
    """A QR code as the address of a picture, for an <img>: black on white, as phones read it best."""
    return str(segno.make_qr(text, error="m").svg_data_uri(scale=scale, border=2))


def _qr(address: str) -> Image.Image:
    code = segno.make_qr(address, error="m")
    drawn_code = io.BytesIO()
    code.save(drawn_code, kind="png", scale=8, border=1, dark=INK)
    return Image.open(drawn_code).convert("RGB").resize((QR_SIDE, QR_SIDE), Image.Resampling.NEAREST)


def _lines(pen: ImageDraw.ImageDraw, text: str, *, top: int, size: int, ink: str, most: int) -> int:
    """Write `text` in at most `most` lines; where the next one would begin."""
    font = sans(size)
    for line in folded(text, lambda part: pen.textlength(part, font) <= WIDTH - 2 * MARGIN, most):
        pen.text((MARGIN, top), line, font=font, fill=ink)
        top += round(size * 1.45)
    return top


def folded(text: str, fits: Callable[[str], bool], most: int) -> list[str]:
    """`text` in lines that fit, broken at spaces between Latin words and anywhere in Chinese; the last ends with … ."""
    lines: list[str] = []
    left = " ".join(text.split())
    while left and len(lines) < most:
        end = len(left)
        while end > 1 and not fits(left[:end]):
            end -= 1
        if end < len(left) and left[end - 1].isascii() and left[end].isascii() and " " in left[:end]:
            end = left[: end + 1].rindex(" ")
        lines.append(left[:end].strip())
        left = left[end:].strip()
    if left:
        lines[-1] = lines[-1][:-1].rstrip("，、 ") + "…"
    return lines
