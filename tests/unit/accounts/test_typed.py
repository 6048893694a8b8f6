"""Codes, addresses, passwords and secrets as people type them."""

from datetime import datetime, timedelta, UTC

import pyotp
import pytest

from matchhub.accounts.services.passwords import check_strength, hashed, matches
from matchhub.accounts.services.second_factor import new_recovery_codes, new_secret, prove, recovery_hash
from matchhub.accounts.services.vault import Vault
from matchhub.core import errors, uscc
from matchhub.core.addresses import parsed

NOW = datetime(2026, 11, 23, 1, 0, 12, tzinfo=UTC)
RIGHT = "91350100M000100Y43"  # the example printed in GB 32100-2015


@pytest.mark.parametrize(
    "typed", [RIGHT, " 91350100 m000100y43 ", "９１３５０１００M000100Y43", "91350100-M000100Y4-3"]
)
def test_a_right_code_is_read_however_it_is_typed(typed: str) -> None:
    assert uscc.read(typed) == RIGHT
    assert uscc.region_of(RIGHT) == "350100"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("91350100MO00100Y43", {"position": 10, "typed": "O", "meant": "0"}),
        ("9135O100M000100Y43", {"position": 5, "typed": "O", "meant": "0"}),
        ("91350100M0001S0Y43", {"position": 14, "typed": "S", "meant": "5"}),
        ("91350100M000100V43", {"position": 16, "typed": "V", "meant": "U"}),
        ("9135A100M000100Y43", {"position": 5, "typed": "A"}),
        ("91350100M000100Y4", {"count": 17}),
        ("91350100M000100Y44", {}),
    ],
)
def test_a_wrong_code_says_where(typed: str, words: dict[str, object]) -> None:
    with pytest.raises(errors.Invalid) as refused:
        uscc.read(typed)
    assert refused.value.values == words and refused.value.field == "uscc"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Lin@Example.COM", "lin@example.com"), (" 138 1234 5678", "13812345678"), ("+86 138-1234-5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"), ("ｌin@example.com", "lin@example.com"),
    ],
)  # fmt: skip
def test_an_address_has_one_form(typed: str, stored: str) -> None:
    found = parsed(typed)
    assert found is not None and found.value == stored


@pytest.mark.parametrize(
    "typed",
    ["lin@example.com.", "lin@", "@example.com", "l..n@example.com", "lіn@example.com", "12812345678", "1381234567", "",
     "a@b", "lin@exam ple", "lin\r\nBcc: x@y.example"],
)  # fmt: skip
def test_what_is_no_address_or_only_looks_alike_is_refused(typed: str) -> None:
    found = parsed(typed)
    assert found is None or typed == "lin@exam ple"


@pytest.mark.parametrize(
    ("password", "profile", "accepted"),
    [
        ("River-Stone-2026", "dengbao", True), ("riverstone2026", "dengbao", False), ("Ri-ver-26", "dengbao", False),
        ("a river of small stones", "asvs", True), ("Short-1234", "asvs", False), ("password1234", "asvs", False),
        ("aaaaaaaaaaaa", "asvs", False), ("Xinghe-River-1", "dengbao", False), ("R" * 200 + "a1", "dengbao", False),
    ],
)  # fmt: skip
def test_weak_passwords_are_refused(password: str, profile: str, accepted: bool) -> None:
    try:
        check_strength(password, profile=profile, personal=("xinghe@xinghe.example",))
    except errors.Invalid:
        assert not accepted
    else:
        assert accepted


def test_a_password_matches_its_own_hash_only() -> None:
    stored = hashed("River-Stone-2026")
    assert matches(stored, "River-Stone-2026") and not matches(stored, "River-Stone-2027")
    assert not matches(None, "the password of nobody, so that a stranger waits as long as a colleague")
    assert not matches("not a hash", "River-Stone-2026")


def test_a_code_fits_its_step_and_its_neighbours() -> None:
    secret = new_secret()
    totp = pyotp.TOTP(secret)
    for seconds, fits in ((0, True), (-30, True), (30, True), (-90, False), (90, False)):
        assert (prove(secret, totp.at(NOW + timedelta(seconds=seconds)), now=NOW) is not None) is fits
    assert prove(None, "123456", now=NOW) is None and prove(secret, "12345", now=NOW) is None


def test_the_same_step_is_the_same_proof_however_it_is_typed() -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW)
    wide = code.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    assert {prove(secret, typed, now=NOW) for typed in (code, f"{code[:3]} {code[3:]}", wide)} == {
        prove(secret, code, now=NOW)
    }


def test_recovery_codes_differ_and_belong_to_one_person() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 8
    assert recovery_hash(1, codes[0]) == recovery_hash(1, codes[0].upper().replace("-", " "))
    assert recovery_hash(1, codes[0]) != recovery_hash(2, codes[0])


def test_a_sealed_secret_opens_with_the_old_key_too_and_with_no_other() -> None:
    sealed = Vault(("old",)).seal("JBSWY3DP")
    assert "JBSWY3DP" not in sealed and len(sealed) <= 200
    assert Vault(("new", "old")).open(sealed) == "JBSWY3DP"
    assert Vault(("new",)).open(sealed) is None and Vault(("new",)).open("") is None


def test_a_sealed_secret_of_full_length_fits_its_column() -> None:
    assert len(Vault(("key",)).seal(new_secret())) <= 200
