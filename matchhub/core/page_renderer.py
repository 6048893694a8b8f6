"""Draws pages of one document in a process of its own, with limits on memory, time and what it may write.

What is drawn was uploaded by somebody: a document that breaks the renderer ends this process and nothing else. It gets
two paths and numbers, no secrets; it answers in JSON and leaves each page as a JPEG, whole or not at all.
"""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import pypdfium2
from PIL import Image

ENCRYPTED, BROKEN = 3, 4  # how the process ends where a document cannot be read
LONGEST_SIDE = 1600  # pixels
PASSWORD_NEEDED = 4  # FPDF_ERR_PASSWORD
LARGEST_PAGE_BYTES = 8 * 2**20
QUALITY = 82

Size = tuple[int, int]


def main(source: Path, target: Path, first: int, last: int, most: int) -> None:
    """Print how many pages there are and the sizes of the first `most`; draw pages `first` to `last` (0: none)."""
    is_pdf = source.open("rb").read(1024).lstrip().startswith(b"%PDF")
    count, sizes, draw = (_pdf if is_pdf else _picture)(source, most)
    sys.stdout.write(json.dumps({"count": count, "sizes": sizes}))
    sys.stdout.flush()
    for number in range(max(1, first), min(last, len(sizes)) + 1):
        path = target / f"{number:04}.jpg"
        if not path.exists():
            _keep(draw(number), path)


def _pdf(source: Path, most: int) -> tuple[int, list[Size], Callable[[int], Image.Image]]:
    try:
        document = pypdfium2.PdfDocument(source)
        count = len(document)
        points = [document.get_page_size(number) for number in range(min(count, most))]
    except pypdfium2.PdfiumError as error:
        sys.exit(ENCRYPTED if error.err_code == PASSWORD_NEEDED else BROKEN)
    if not count:
        sys.exit(BROKEN)

    def draw(number: int) -> Image.Image:
        width, height = points[number - 1]
        picture: Image.Image = document[number - 1].render(scale=LONGEST_SIDE / max(width, height, 1.0)).to_pil()
        return picture

    return count, [_fitted(*size) for size in points], draw


def _picture(source: Path, most: int) -> tuple[int, list[Size], Callable[[int], Image.Image]]:
    try:
        picture = Image.open(source, formats=("PNG", "JPEG"))
    except (OSError, SyntaxError, Image.DecompressionBombError):
        sys.exit(BROKEN)
    size = _fitted(*picture.size) if max(picture.size) > LONGEST_SIDE else picture.size

    def draw(_: int) -> Image.Image:
        picture.draft("RGB", size)
        if "A" not in picture.getbands() and "transparency" not in picture.info:
            return picture.convert("RGB").resize(size)
        seen = picture.convert("RGBA").resize(size)
        ground = Image.new("RGB", size, "white")
        ground.paste(seen, mask=seen)
        return ground

    return 1, [size], draw


def _fitted(width: float, height: float) -> Size:
    """The size in pixels whose longer side is LONGEST_SIDE, no side below one."""
    scale = LONGEST_SIDE / max(width, height, 1.0)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _keep(picture: Image.Image, path: Path) -> None:
    part = path.with_suffix(".part")
    picture.convert("RGB").save(part, "JPEG", quality=QUALITY)
    part.replace(path)


def limit(memory: int, seconds: int) -> None:
    """Let the system end this process when it wants more than `memory` bytes or `seconds` of work."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_PAGE_BYTES, LARGEST_PAGE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit(int(sys.argv[6]), int(sys.argv[7]))
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
