"""A small OpenID Connect provider: discovery, authorization with PKCE, signed tokens, user info."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "coordination", "client-secret"


def new_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


KEY = new_key()


class Provider:
    """Whoever comes is `claims`. What it does wrong is set by the test: `key`, `token_changes`."""

    def __init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.claims = {"sub": "k-1", "email": "k@example.com", "email_verified": True}
        self.key, self.token_changes, self.userinfo_changes = KEY, {}, {}
        self.codes, self.verified, self.algorithm, self.moved = {}, [], "RS256", set()
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def discovery(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self):
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return {"keys": [public | {"kid": "1", "alg": "RS256", "use": "sig"}]}

    def authorize(self, asked):
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})

    def token(self, form):
        asked = self.codes.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        assert asked["code_challenge_method"] == "S256"
        assert asked["code_challenge"] == challenge
        assert (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        self.verified.append(form["code"])
        return {"access_token": "access", "token_type": "Bearer", "id_token": self.id_token()}

    def id_token(self):
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        told |= self.claims | self.token_changes
        return jwt.encode(told, self.key, algorithm=self.algorithm, headers={"kid": "1"})


def handler_of(provider):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            address = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            if address.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                return self.end_headers()
            if address.path in provider.moved:
                self.send_response(302)
                self.send_header("Location", address.path + "?again")
                provider.moved = set()
                return self.end_headers()
            pages = {
                "/.well-known/openid-configuration": provider.discovery,
                "/keys": provider.keys,
                "/userinfo": lambda: provider.claims | provider.userinfo_changes,
            }
            return self.answer(pages[address.path]())

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            return self.answer(provider.token(form))

        def answer(self, value):
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    return Handler
