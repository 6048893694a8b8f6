"""Documents for tests: honest ones, and those that are made to break who draws them."""

import io
import zipfile

from PIL import Image

from matchhub.demo.decks import deck

A4 = "[0 0 595 842]"


def pdf(pages: int = 1, box: str = A4, *, drawn: bytes = b"", trailer: bytes = b"") -> bytes:
    """A PDF of empty pages, or of pages that all draw `drawn`."""
    kids = b" ".join(b"%d 0 R" % (number + 4) for number in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 3 0 R >>" % box.encode()] * pages,
    ]
    return assembled(objects, trailer)


def assembled(objects: list[bytes], trailer: bytes = b"") -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def malformed() -> bytes:
    """Begins like a PDF and holds none."""
    return b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def encrypted() -> bytes:
    """A PDF that nobody can open without a password."""
    marks = b"<" + b"5a" * 32 + b">"
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O %s /U %s /P -4 >> /ID [<00> <00>]" % (marks, marks)
    return pdf(trailer=lock)


def endless() -> bytes:
    """One page that draws itself for a very long time: nested forms, each drawing the next one many times."""
    levels, times = 12, 12
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /XObject << /F 5 0 R >> >> >>",
        b"<< /Length 5 >>\nstream\n/F Do\nendstream",
    ]
    for level in range(levels):
        content = b"/F Do " * times if level < levels - 1 else b"0 0 595 842 re f " * 50
        following = b"/XObject << /F %d 0 R >>" % (6 + level) if level < levels - 1 else b""
        objects.append(
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << %s >> /Length %d >>"
            b"\nstream\n%s\nendstream" % (following, len(content), content)
        )
    return assembled(objects)


def picture(width: int = 40, height: int = 30, kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", (width, height), "steelblue").save(target, kind)
    return target.getvalue()


def slides() -> bytes:
    """A PowerPoint file, as far as anybody here looks."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("ppt/presentation.xml", "<p:presentation/>")
    return target.getvalue()


__all__ = ["deck", "encrypted", "endless", "malformed", "pdf", "picture", "slides"]
