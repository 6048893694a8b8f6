"""Invented credit codes that pass every check: region and running number, in a block that no register has given out."""

from stdnum.cn import uscc

INVENTED = "MA0DEM"  # where a real code carries the organization's own number


def invented_uscc(region_code: str, number: int) -> str:
    """A valid code for the `number`-th invented organization of a region; zones count as their city."""
    region = region_code if region_code.isdigit() and len(region_code) == 6 else "420700"
    front = f"91{region}{INVENTED}{number:03d}"
    return front + str(uscc.calc_check_digit(front))
