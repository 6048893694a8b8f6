"""An identity provider on loopback that can lie in every way that a real one must not."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from matchhub.core.clock import utcnow

CLIENT = "matchhub"
SECRET = "a secret: of & letters"
Signer = Callable[["FakeProvider", dict[str, Any]], str]


def part(value: dict[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def honestly(provider: "FakeProvider", claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, provider.key)


def by_nobody(provider: "FakeProvider", claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none'})}.{part(claims)}."


def by_a_stranger(provider: "FakeProvider", claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, new_key(provider.key.kid))


def by_the_public_key_as_a_secret(provider: "FakeProvider", claims: dict[str, Any]) -> str:
    signed = f"{part({'alg': 'HS256', 'kid': provider.key.kid})}.{part(claims)}"
    public = provider.key.as_pem(private=False)
    return f"{signed}.{part(hmac.new(public, signed.encode(), hashlib.sha256).digest())}"


def by_the_client_secret(provider: "FakeProvider", claims: dict[str, Any]) -> str:
    signed = f"{part({'alg': 'HS256'})}.{part(claims)}"
    return f"{signed}.{part(hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest())}"


def with_words_changed_after_signing(provider: "FakeProvider", claims: dict[str, Any]) -> str:
    head, _, signature = honestly(provider, claims).split(".")
    return f"{head}.{part({**claims, 'sub': 'somebody-else'})}.{signature}"


def new_key(kid: str | None = None) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid or secrets.token_hex(4), "use": "sig"})


class FakeProvider:
    """Answers metadata, keys, token and userinfo; `approve` stands for the person who says yes there."""

    def __init__(self) -> None:
        self.key = new_key()
        self.metadata: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.sign: Signer = honestly
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, Any]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def approve(self, location: str, *, sub: str = "person-1", **claims: Any) -> str:
        """The address that the browser comes back to, once the person has agreed; `claims` as the token will have them."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        now, code = int(utcnow().timestamp()), secrets.token_urlsafe(12)
        usual = {
            "iss": self.issuer, "aud": CLIENT, "sub": sub, "nonce": asked["nonce"], "iat": now, "exp": now + 300
        }  # fmt: skip
        token = {name: value for name, value in (usual | claims).items() if value is not None}
        self._codes[code] = {"asked": asked, "claims": token}
        return "/session/provider/callback?" + urlencode({"code": code, "state": asked["state"]})

    def _documents(self) -> dict[str, dict[str, Any]]:
        metadata = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            **({"userinfo_endpoint": f"{self.issuer}/me"} if self.userinfo is not None else {}), **self.metadata,
        }  # fmt: skip
        keys = {"keys": [self.key.as_dict(private=False)]}
        return {"/.well-known/openid-configuration": metadata, "/keys": keys, "/me": self.userinfo or {}}

    def _token(self, body: dict[str, str], authorization: str) -> dict[str, Any] | None:
        kept = self._codes.pop(body.get("code", ""), None)
        challenge = part(hashlib.sha256(body.get("code_verifier", "").encode()).digest())
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if kept is None or challenge != kept["asked"]["code_challenge"] or name != CLIENT or secret != SECRET:
            return None
        if body.get("redirect_uri") != kept["asked"]["redirect_uri"]:
            return None
        return {"access_token": "at", "token_type": "Bearer", "id_token": self.sign(self, kept["claims"])}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                self._answer(provider._documents().get(self.path))

            def do_POST(self) -> None:
                body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                plain = {name: values[0] for name, values in body.items()}
                self._answer(provider._token(plain, self.headers.get("Authorization", "")))

            def _answer(self, document: dict[str, Any] | None) -> None:
                raw = json.dumps(document or {"error": "invalid_grant"}).encode()
                self.send_response(400 if document is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None: ...

        return Handler
