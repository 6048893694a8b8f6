"""Sign-in by an identity provider (OpenID Connect, authorization code with PKCE): there, back, and what may be believed.

Nothing is believed that the provider's own key has not signed for us, for this browser, just now: issuer, audience,
nonce, time and an asymmetric signature are checked. Everything here waits for the network: call it outside a write.
"""

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
KEY_TYPES = ("RSA", "EC", "OKP")  # public keys only: a shared secret signs nothing here
TRIP = timedelta(minutes=10)  # the longest time between leaving and coming back
LEEWAY = 60  # seconds by which two clocks may differ
TIMEOUT = (4.0, 8.0)
KEPT_SECONDS = 3600
REFETCH_SECONDS = 30  # an unknown key is looked up again at most so often
LARGEST = 500_000
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ProviderError(Exception):
    """Nobody may be let in on this; `reason` is a word for the security events, never a secret.

    `is_down` where the provider could not be asked, so that trying again later may help.
    """

    def __init__(self, reason: str, *, is_down: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_down = is_down


@dataclass(frozen=True, slots=True)
class Trip:
    """What this browser left with; it must come back with the same."""

    state: str
    nonce: str
    verifier: str
    left_at: float

    def kept(self) -> dict[str, Any]:
        """As the signed cookie keeps it."""
        return asdict(self)


class Provider:
    """One identity provider; its metadata and keys are read when first needed and kept for an hour."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str, scopes: tuple[str, ...]) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._client_secret = client_secret
        self._scope = " ".join(scopes)
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def depart(self, *, redirect_uri: str, now: datetime, anew: bool = False) -> tuple[str, Trip]:
        """The provider's address to send the browser to, and what to keep until it is back. Raises ProviderError.

        `anew`: the person has to prove there again who it is, even where the provider still knows the browser.
        """
        trip = Trip(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), now.timestamp())
        endpoint = self._endpoint("authorization_endpoint")
        url, _ = self._client(redirect_uri).create_authorization_url(
            endpoint, state=trip.state, nonce=trip.nonce, code_challenge_method="S256",
            code_challenge=create_s256_code_challenge(trip.verifier), **({"prompt": "login", "max_age": "0"} if anew else {}),
        )  # fmt: skip
        return str(url), trip

    def arrive(self, answer: Mapping[str, str], trip: Trip, *, redirect_uri: str, now: datetime) -> dict[str, Any]:
        """The claims about the person who came back: the signed ones, filled up from userinfo. Raises ProviderError."""
        self._check_answer(answer, trip, now)
        token = self._exchanged(answer["code"], trip, redirect_uri)
        claims = self._believed(token, trip, now)
        return {**self._userinfo(token, str(claims["sub"])), **claims}

    def _check_answer(self, answer: Mapping[str, str], trip: Trip, now: datetime) -> None:
        if not compare_digest(answer.get("state", "").encode(), trip.state.encode()):
            raise ProviderError("state")
        if not 0 <= now.timestamp() - trip.left_at <= TRIP.total_seconds():
            raise ProviderError("late")
        named = answer.get("iss")
        if named != self.issuer and (named or self._metadata().get("authorization_response_iss_parameter_supported")):
            raise ProviderError("issuer")
        if answer.get("error") == "access_denied":
            raise ProviderError("denied")
        if answer.get("error") or not answer.get("code"):
            raise ProviderError("answer")

    def _exchanged(self, code: str, trip: Trip, redirect_uri: str) -> dict[str, Any]:
        try:
            found = self._client(redirect_uri).fetch_token(
                self._endpoint("token_endpoint"), code=code, code_verifier=trip.verifier, grant_type="authorization_code",
                timeout=TIMEOUT, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise ProviderError("unreachable", is_down=True) from error
        except (AuthlibBaseError, ValueError, AttributeError, TypeError) as error:
            raise ProviderError("code") from error
        return dict(found)

    def _believed(self, token: Mapping[str, Any], trip: Trip, now: datetime) -> dict[str, Any]:
        signed = token.get("id_token")
        if not isinstance(signed, str):
            raise ProviderError("no_id_token")
        decoded = self._decoded(signed)
        rules = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "nonce": {"essential": True, "value": trip.nonce},
        }
        believed = {"nonce": trip.nonce, "client_id": self.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, rules, believed)
        try:
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except (JoseError, AuthlibBaseError, ValueError, TypeError) as error:
            raise ProviderError(f"claims:{getattr(error, 'claim', '') or type(error).__name__}"[:60]) from error
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise ProviderError("claims:sub")
        return dict(claims)

    def _decoded(self, signed: str) -> jwt.Token:
        """The token, its signature checked by the keys that we have, else by the provider's new ones."""
        where = self._endpoint("jwks_uri")
        keys = self._document("jwks", where)
        try:
            return _opened(signed, keys)
        except ProviderError:
            fresh = self._document("jwks", where, within=REFETCH_SECONDS)
            if fresh is keys:
                raise
        return _opened(signed, fresh)

    def _userinfo(self, token: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """What the provider tells beside the signed token; {} where it has no such page."""
        if not self._metadata().get("userinfo_endpoint") or not isinstance(token.get("access_token"), str):
            return {}
        bearer = {"Authorization": f"Bearer {token['access_token']}"}
        found = _fetched(self._endpoint("userinfo_endpoint"), headers=bearer)
        if found.get("sub") != subject:
            raise ProviderError("userinfo")
        return found

    def _client(self, redirect_uri: str) -> OAuth2Session:
        ways = self._metadata().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        return OAuth2Session(
            self.client_id, self._client_secret, token_endpoint_auth_method=way, scope=self._scope,
            redirect_uri=redirect_uri,
        )  # fmt: skip

    def _endpoint(self, name: str) -> str:
        url = self._metadata().get(name)
        if not isinstance(url, str) or not _is_safe(url):
            raise ProviderError(f"metadata:{name}", is_down=True)
        return url

    def _metadata(self) -> dict[str, Any]:
        found = self._document("metadata", self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ProviderError("metadata:issuer", is_down=True)
        return found

    def _document(self, name: str, url: str, *, within: float = KEPT_SECONDS) -> dict[str, Any]:
        """A document of the provider, at most `within` seconds old."""
        with self._lock:
            fetched_at, found = self._kept.get(name, (0.0, {}))
            if found and monotonic() - fetched_at < within:
                return found
        found = _fetched(url)
        with self._lock:
            self._kept[name] = monotonic(), found
        return found


def proved_anew(claims: Mapping[str, Any], trip: Trip) -> bool:
    """Whether the provider says that the person signed in there after leaving us; a provider that does not say it is not
    believed."""
    at = claims.get("auth_time")
    return isinstance(at, int | float) and not isinstance(at, bool) and at >= trip.left_at - LEEWAY


def _opened(signed: str, keys: Mapping[str, Any]) -> jwt.Token:
    """The token if one of the public keys signed it by an algorithm that we allow. Raises ProviderError."""
    try:
        usable = [key for key in keys["keys"] if key.get("kty") in KEY_TYPES and key.get("use", "sig") == "sig"]
        return jwt.decode(signed, KeySet.import_key_set({"keys": usable}), algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProviderError("signature") from error


def _fetched(url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object at `url`. Raises ProviderError."""
    try:
        answer = requests.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True)
        body = answer.raw.read(LARGEST + 1, decode_content=True)
        found = json.loads(body) if answer.status_code == 200 and len(body) <= LARGEST else None
    except (requests.RequestException, ValueError, OSError) as error:
        raise ProviderError("unreachable", is_down=True) from error
    if not isinstance(found, dict):
        raise ProviderError("unreachable", is_down=True)
    return found


def _is_safe(url: str) -> bool:
    """Encrypted, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
