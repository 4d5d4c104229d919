"""A small OpenID provider of our own: real keys, discovery, JWKS and the code flow, on a port of this machine."""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Form
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from ccip_core.listening import bound_socket

CLIENT = "rmn-dashboard"


class Issuer:
    """Signs in whoever the test says, without asking for a password."""

    def __init__(self, url):
        self.url = url
        self.person = {"sub": "subject-ann", "email": "ann@example.org", "email_verified": True}
        self.is_down = False
        self.asked_for_keys = 0
        self.lifetime_s = 600
        self._codes = {}
        self.new_key()

    def new_key(self, kind="RSA"):
        """Replace the only key."""
        name = {"kid": secrets.token_hex(4), "use": "sig"}
        self.key = RSAKey.generate_key(2048, name) if kind == "RSA" else ECKey.generate_key("P-256", name)

    def id_token(self, *, key=None, header=None, at_s=None, **claims):
        """An ID token for `person`, with some claims as the test wants them; None leaves one out."""
        key = self.key if key is None else key
        now_s = int(time.time()) if at_s is None else at_s
        told = {"iss": self.url, "aud": CLIENT, "iat": now_s, "exp": now_s + self.lifetime_s, **self.person, **claims}
        algorithm = "RS256" if isinstance(key, RSAKey) else "ES256" if isinstance(key, ECKey) else "HS256"
        head = {"alg": algorithm, "kid": self.key.kid, **(header or {})}
        body = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(head, body, key, algorithms=[head["alg"]])

    def app(self):
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def describe():
            if self.is_down:
                return JSONResponse({}, 503)
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            }

        @app.get("/keys")
        def keys():
            self.asked_for_keys += 1
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize(redirect_uri: str, state: str, nonce: str | None = None):
            code = secrets.token_hex(8)
            self._codes[code] = nonce
            return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", 302)

        @app.post("/token")
        def token(code: Annotated[str, Form()]):
            nonce = self._codes.pop(code)
            return {
                "access_token": secrets.token_hex(8),
                "token_type": "Bearer",
                "id_token": self.id_token(nonce=nonce),
            }

        return app


@contextmanager
def running_issuer():
    """Serve one."""
    with bound_socket("127.0.0.1", 0) as listener:
        issuer = Issuer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(issuer.app(), log_config=None, lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield issuer
        finally:
            server.should_exit = True
            thread.join()
