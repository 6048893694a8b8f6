"""Sheets of A4 that are drawn by us, as PDF: the one typeface embedded as far as it is used, headings, bars, tables."""

from collections.abc import Sequence
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from matchhub.core.fonts import drawable, SANS

MEDIA_TYPE = "application/pdf"
FAMILY = "sans"
NAVY, INK, SOFT, LINE, ACTION, PALE = (
    (11, 33, 72), (22, 33, 58), (90, 102, 128), (214, 220, 232), (0, 82, 217), (242, 246, 253),
)  # fmt: skip
MARGIN = 18


class Paper(FPDF):
    """A document of A4 sheets, each with a foot that says what it is and which sheet of how many. Slow: a third of a second."""

    def __init__(self, title: str, *, foot: str, language: str, made_at: datetime) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.set_title(title)
        self.set_lang("zh-CN" if language.startswith("zh") else "en-GB")
        self.set_creation_date(made_at)
        self.add_font(FAMILY, "", SANS)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=22)
        self.add_page()

    def footer(self) -> None:
        """What stands below every sheet."""
        self.set_y(-14)
        self.pen(8, SOFT)
        self.cell(self.epw * 0.8, 5, drawable(self.foot))
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")

    def pen(self, size: float, colour: tuple[int, int, int] = INK) -> None:
        """Write in this size (points) and colour from now on."""
        self.set_font(FAMILY, size=size)
        self.set_text_color(*colour)

    def say(self, text: str, *, size: float = 10.5, colour: tuple[int, int, int] = INK, gap: float = 1.5) -> None:
        """A paragraph over the whole width."""
        self.pen(size, colour)
        self.multi_cell(0, size * 0.5, drawable(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(gap)

    def head(self, text: str, *, keep: float = 30) -> None:
        """A heading with the short bar before it; on a new sheet where less than `keep` mm are left."""
        if self.will_page_break(keep):
            self.add_page()
        self.ln(3)
        top = self.get_y()
        self.set_fill_color(*ACTION)
        self.rect(self.l_margin, top + 0.9, 1.1, 5, style="F")
        self.set_x(self.l_margin + 3.5)
        self.pen(13)
        self.cell(0, 7, drawable(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.5)

    def tiles(self, items: Sequence[tuple[str, str]], *, most: int = 3) -> None:
        """Figures side by side: what, and how much."""
        width, height, gap = (self.epw - 4 * (most - 1)) / most, 21.0, 4.0
        for start in range(0, len(items), most):
            top = self.get_y()
            for column, (label, figure) in enumerate(items[start : start + most]):
                left = self.l_margin + column * (width + gap)
                self.set_fill_color(*PALE)
                self.set_draw_color(*LINE)
                self.rect(left, top, width, height, style="DF", round_corners=True, corner_radius=1.5)
                self.set_xy(left + 4, top + 3)
                self.pen(9, SOFT)
                self.cell(width - 8, 5, drawable(label))
                self.set_xy(left + 4, top + 9)
                self.pen(17, NAVY)
                self.cell(width - 8, 9, drawable(figure))
            self.set_xy(self.l_margin, top + height + gap)

    def bars(self, rows: Sequence[tuple[str, str, float]]) -> None:
        """Bars: what, how much in words, and its share of the longest (0 to 1)."""
        for label, figure, share in rows:
            if self.will_page_break(8):
                self.add_page()
            top, left, width = self.get_y(), self.l_margin + 52, self.epw - 82
            self.pen(10)
            self.cell(50, 6.5, drawable(label))
            self.set_fill_color(*PALE)
            self.rect(left, top + 1, width, 4.5, style="F")
            self.set_fill_color(*ACTION)
            if share > 0:
                self.rect(left, top + 1, max(0.6, width * min(1.0, share)), 4.5, style="F")
            self.set_xy(left + width + 2, top)
            self.cell(28, 6.5, drawable(figure), align="R")
            self.set_xy(self.l_margin, top + 7.5)

    def quote(self, words: str, by: str) -> None:
        """Somebody's words, with a line beside them."""
        if self.will_page_break(16):
            self.add_page()
        top = self.get_y()
        self.set_x(self.l_margin + 5)
        self.pen(10.5)
        self.multi_cell(self.epw - 5, 5.6, drawable(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.set_x(self.l_margin + 5)
        self.pen(8.5, SOFT)
        self.cell(0, 4.5, drawable(by), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_draw_color(*ACTION)
        self.set_line_width(0.6)
        if self.get_y() > top:
            self.line(self.l_margin + 1, top + 0.5, self.l_margin + 1, self.get_y() - 0.5)
        self.set_line_width(0.2)
        self.ln(3)

    def content(self) -> bytes:
        """The document."""
        return bytes(self.output())
