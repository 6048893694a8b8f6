"""Pictures without what the camera wrote into them: place, device, comments."""

from matchhub.core import errors
from matchhub.core.labels import N_

PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"pHYs"})
JPEG_SCAN = 0xDA
JPEG_DROPPED = frozenset({*range(0xE1, 0xF0), 0xFE}) - {0xEE}  # APP14 says how colours are meant


def without_metadata(content: bytes, kind: str) -> bytes:
    """The picture with its pixels only. Raises Invalid (field `file`) when its segments do not add up."""
    return _plain_png(content) if kind == "png" else _plain_jpeg(content)


def _broken() -> errors.Invalid:
    return errors.Invalid(N_("图片读不出来，请重新导出后再上传"), field="file")


def _plain_png(content: bytes) -> bytes:
    pieces, position = [PNG_START], len(PNG_START)
    while position + 12 <= len(content):
        size, name = int.from_bytes(content[position : position + 4], "big"), content[position + 4 : position + 8]
        end = position + 12 + size
        if end > len(content):
            break
        if name in PNG_KEPT:
            pieces.append(content[position:end])
        if name == b"IEND":
            return b"".join(pieces)
        position = end
    raise _broken()


def _plain_jpeg(content: bytes) -> bytes:
    pieces, position = [content[:2]], 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker, size = content[position + 1], int.from_bytes(content[position + 2 : position + 4], "big")
        if marker == JPEG_SCAN:
            last = content.rfind(b"\xff\xd9")
            if last < position:
                break
            pieces.append(content[position : last + 2])
            return b"".join(pieces)
        if marker not in JPEG_DROPPED:
            pieces.append(content[position : position + 2 + size])
        position += 2 + max(size, 2)
    raise _broken()
