"""Verifies the JWT of a request, with PyJWT (pip install "pyjwt[crypto]")."""

import os

import jwt

# `server.public_url` of Latchkey.
ISSUER = os.environ.get("LATCHKEY_ISSUER", "https://id.example.com")
# This application's origin, as `forward_auth.origins` names it.
AUDIENCE = os.environ.get("LATCHKEY_AUDIENCE", "https://app.example.com")

# The keys are cached for five minutes, and fetched again for a key that is not among them.
KEYS = jwt.PyJWKClient(ISSUER + "/.well-known/jwks.json", lifespan=300)


def verify(token: str) -> dict:
    """The claims of the header X-Auth-Request-Jwt: `sub` is the user's ID, `groups` are the roles.

    Raises jwt.PyJWTError if the JWT is not from Latchkey, not for this application, or over.
    """
    return jwt.decode(
        token,
        KEYS.get_signing_key_from_jwt(token),
        algorithms=["ES256"],
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": ["exp", "iss", "aud", "sub"]},
    )
