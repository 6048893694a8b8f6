"""A business plan of one page, written by hand: enough of PDF for any reader, and clearly a sample."""

LINES = "BT /F1 26 Tf 60 470 Td ({title}) Tj /F1 13 Tf 0 -40 Td ({line}) Tj 0 -320 Td ({foot}) Tj ET"
FOOT = "Sample document of the demo city. All names and numbers are invented."


def deck(title: str, line: str) -> bytes:
    """A PDF of one landscape page with a title and a sentence (ASCII)."""
    drawn = LINES.format(title=_plain(title), line=_plain(line), foot=FOOT).encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return _assembled(objects)


def _plain(text: str) -> str:
    kept = text.replace("²", "2").replace("–", "-").encode("ascii", "ignore").decode()[:110]
    return kept.replace("\\", "").replace("(", "\\(").replace(")", "\\)")


def _assembled(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
