"""Who looks at a page, when, and under which number: drawn over the page's picture, and over each page of a copy."""

import io
from collections.abc import Iterable
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from matchhub.core.fonts import drawable, sans

ANGLE = 28  # degrees
STRENGTH, GLOW = 70, 105  # of 255: legible on white and on black, and the page stays readable
LIGHT, DARK = (255, 255, 255), (40, 48, 64)
FOOT_GROUND, FOOT_INK = (255, 255, 255, 215), (40, 48, 64, 255)
QUALITY = 80
POINTS_A_PIXEL = 0.5  # the size of a page in a copy: 1600 pixels are 800 points

Overlay = Image.Image


def stamped(jpeg: bytes, words: str) -> bytes:
    """The picture of a page with `words` all over it and once more, clearly, at its foot. JPEG in, JPEG out."""
    page = Image.open(io.BytesIO(jpeg), formats=("JPEG",)).convert("RGB")
    overlay = _overlay(page.size, drawable(words))
    page.paste(overlay, mask=overlay.getchannel("A"))
    target = io.BytesIO()
    page.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


@lru_cache(maxsize=4)
def _overlay(size: tuple[int, int], words: str) -> Overlay:
    """What is laid over a page of `size`: the same for all its pages that are of this size."""
    width, height = size
    across = max(width, height)
    font = sans(max(12, across // 58))
    side = int((width**2 + height**2) ** 0.5) + 4
    tiles = Image.new("RGBA", (side, side), (*DARK, 0))
    pen = ImageDraw.Draw(tiles)
    step_x, step_y = int(pen.textlength(words, font)) + across // 12, across // 7
    for row, top in enumerate(range(0, side, step_y)):
        for left in range(-(row % 2) * step_x // 2, side, step_x):
            pen.text((left + 2, top + 2), words, font=font, fill=(*LIGHT, GLOW))
            pen.text((left, top), words, font=font, fill=(*DARK, STRENGTH))
    turned = tiles.rotate(ANGLE, resample=Image.Resampling.BILINEAR)
    left, top = (side - width) // 2, (side - height) // 2
    overlay = turned.crop((left, top, left + width, top + height))
    _sign(overlay, words, sans(max(11, across // 90)))
    return overlay


def _sign(overlay: Overlay, words: str, font: ImageFont.FreeTypeFont) -> None:
    """The same words once, dark on light, at the foot."""
    pen = ImageDraw.Draw(overlay)
    line = font.size + font.size // 2
    top = overlay.height - line
    pen.rectangle((0, top, min(overlay.width, int(pen.textlength(words, font)) + line), overlay.height), FOOT_GROUND)
    pen.text((line // 2, top + font.size // 8), words, font=font, fill=FOOT_INK)


def pdf_of(pictures: Iterable[bytes]) -> bytes:
    """A PDF whose pages are these JPEGs, one at a time in memory besides the result."""
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), [0, 0]

    def put(body: bytes, *, at: int | None = None) -> int:
        number = len(places) + 1 if at is None else at
        if at is None:
            places.append(len(out))
        else:
            places[at - 1] = len(out)
        out.extend(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        return number

    pages = []
    for jpeg in pictures:
        width, height = Image.open(io.BytesIO(jpeg), formats=("JPEG",)).size
        across, down = width * POINTS_A_PIXEL, height * POINTS_A_PIXEL
        shown = put(
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8"
            b" /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream" % (width, height, len(jpeg), jpeg)
        )
        drawing = b"q %.1f 0 0 %.1f 0 0 cm /Im Do Q" % (across, down)
        content = put(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing))
        pages.append(
            put(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.1f %.1f] /Contents %d 0 R"
                b" /Resources << /XObject << /Im %d 0 R >> >> >>" % (across, down, content, shown)
            )
        )
    put(b"<< /Type /Catalog /Pages 2 0 R >>", at=1)
    kids = b" ".join(b"%d 0 R" % number for number in pages)
    put(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages)), at=2)
    start = len(out)
    out.extend(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.extend(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.extend(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start))
    return bytes(out)
