// Verifies the JWT of a request in Node.js, Deno or Bun, with jose (npm install jose).
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** `server.public_url` of Latchkey. */
const ISSUER = process.env.LATCHKEY_ISSUER ?? 'https://id.example.com';
/** This application's origin, as `forward_auth.origins` names it. */
const AUDIENCE = process.env.LATCHKEY_AUDIENCE ?? 'https://app.example.com';

// The keys are cached for five minutes, and fetched again for a key that is not among them.
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', ISSUER), { cacheMaxAge: 300_000 });

/**
 * The claims of the header X-Auth-Request-Jwt: `sub` is the user's ID, `groups` are the roles.
 * Throws if the JWT is not from Latchkey, not for this application, or over.
 */
export async function verify(jwt) {
  const { payload } = await jwtVerify(jwt, keys, {
    algorithms: ['ES256'],
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ['exp', 'sub'],
  });
  return payload;
}
