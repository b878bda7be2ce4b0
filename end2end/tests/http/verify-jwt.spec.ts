// The examples that verify the signed JWT accept those of the product and refuse every other. The
// one in Rust is tested with the product's own tests.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

import { base64url, type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

import { CLIENT_ADDRESS_HEADER } from '../../fixtures/product.ts';
import { expect, test } from '../../fixtures/http.ts';
import { recordSecret } from '../../fixtures/secrets.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../../examples/verify-jwt');
const END2END = resolve(import.meta.dirname, '../..');
const PYTHON_PACKAGES = resolve(END2END, '../target/tools/python-tests');
const APP = 'https://app.example.com';
/** On the host of the sign-in, where its session counts. */
const [OWN_APP, OTHER_APP] = ['http://127.0.0.1:8081', 'http://127.0.0.1:8082'];

test.use({ settings: { LATCHKEY_FORWARD_AUTH__ORIGINS: `${OWN_APP},${OTHER_APP}` } });

/** Programs that print for each line of standard input whether it is valid, and for whom. */
const RUNTIMES = {
  'Node.js': ['node', '--input-type=module', '--eval', `
    import { createInterface } from 'node:readline';
    const { verify } = await import(process.cwd() + '/verify.mjs');
    for await (const jwt of createInterface({ input: process.stdin })) {
      console.log(await verify(jwt).then(({ sub, groups }) => JSON.stringify([sub, groups]), () => 'refused'));
    }`],
  Python: ['python3', '-c', `
import json, sys, jwt, verify
for line in sys.stdin:
    try:
        claims = verify.verify(line.rstrip("\\n"))
        print(json.dumps([claims["sub"], claims["groups"]], separators=(",", ":")))
    except jwt.PyJWTError:
        print("refused")`],
  PHP: ['php', '-r', `
    require 'verify.php';
    while (($line = fgets(STDIN)) !== false) {
        try {
            $claims = Latchkey\\verify(rtrim($line, "\\n"));
            echo json_encode([$claims['sub'], $claims['groups']], JSON_UNESCAPED_SLASHES), "\\n";
        } catch (RuntimeException) {
            echo "refused\\n";
        }
    }`],
} as const;

let folder = '';
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-verify-'));
  cpSync(EXAMPLES, folder, { recursive: true });
  symlinkSync(join(END2END, 'node_modules'), join(folder, 'node_modules'));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What an example prints for each JWT. */
function verdicts([program, ...call]: readonly string[], issuer: string, audience: string, jwts: readonly string[]): Promise<string[]> {
  const env = {
    ...process.env,
    PYTHONPATH: PYTHON_PACKAGES,
    LATCHKEY_ISSUER: issuer,
    LATCHKEY_AUDIENCE: audience,
    LATCHKEY_JWKS_CACHE: join(folder, 'jwks.json'),
  };
  return run(program!, call, env, jwts.map((jwt) => `${jwt}\n`).join(''));
}

/** Not synchronously, because the keys are served by this process. */
async function run(program: string, call: readonly string[], env: NodeJS.ProcessEnv, input: string): Promise<string[]> {
  const child = spawn(program, call, { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(errors).not.toMatch(/Error|Warning|Traceback/);
  return output.trimEnd().split('\n');
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

interface Keys {
  readonly issuer: string;
  readonly listed: CryptoKey;
  readonly unlisted: CryptoKey;
  readonly jwk: JWK;
  readonly server: Server;
}

/** An issuer with one key in its set. */
async function startIssuer(): Promise<Keys> {
  const [listed, unlisted] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  const jwk = { ...(await exportJWK(listed.publicKey)), kid: 'listed', use: 'sig', alg: 'ES256' };
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/jwk-set+json');
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no port');
  return { issuer: `http://127.0.0.1:${address.port}`, listed: listed.privateKey, unlisted: unlisted.privateKey, jwk, server };
}

/** JWTs that Latchkey would not issue to this application, by what is wrong with them. */
async function forgeries({ issuer, listed, unlisted, jwk }: Keys): Promise<Record<string, string>> {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: APP, sub: 'mallory', groups: ['admin'], iat: now, exp: now + 60 };
  const sign = (changed: Record<string, unknown>, header: object = {}, key = listed) => {
    const payload = Object.fromEntries(Object.entries({ ...claims, ...changed }).filter(([, value]) => value !== undefined));
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'listed', ...header }).sign(key);
  };
  const part = (value: object) => base64url.encode(JSON.stringify(value));
  const valid = await sign({});
  const [head = '', body = '', signature = ''] = valid.split('.');
  const secret = new TextEncoder().encode(JSON.stringify(jwk));
  const zero = base64url.encode(new Uint8Array(64));
  return {
    'another application': await sign({ aud: 'https://other.example.com' }),
    'a longer audience': await sign({ aud: `${APP}.evil.example` }),
    'no audience': await sign({ aud: undefined }),
    'another issuer': await sign({ iss: 'https://evil.example' }),
    'no issuer': await sign({ iss: undefined }),
    'over': await sign({ exp: now - 1 }),
    'no end': await sign({ exp: undefined }),
    'no user': await sign({ sub: undefined }),
    'another key under a listed ID': await sign({}, {}, unlisted),
    'an unlisted ID': await sign({}, { kid: 'unlisted' }, unlisted),
    'no ID': await sign({}, { kid: undefined }, unlisted),
    'a key of its own': await sign({}, { kid: undefined, jwk: { ...jwk } }, unlisted),
    'changed claims': [head, part({ ...claims, sub: 'root' }), signature].join('.'),
    'a changed header': [part({ alg: 'ES256', kid: 'listed', typ: 'x' }), body, signature].join('.'),
    'no algorithm': `${part({ alg: 'none', kid: 'listed' })}.${body}.`,
    'no algorithm, with a signature': [part({ alg: 'none', kid: 'listed' }), body, signature].join('.'),
    'a keyed hash with the public key': await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'listed' }).sign(secret),
    'an unknown extension': [part({ alg: 'ES256', kid: 'listed', crit: ['x'], x: 1 }), body, signature].join('.'),
    'no signature': `${head}.${body}.`,
    'a short signature': `${head}.${body}.${signature.slice(0, 40)}`,
    'a signature of zeros': `${head}.${body}.${zero}`,
    'two parts': `${head}.${body}`,
    'four parts': `${valid}.${signature}`,
    'nothing': '',
    'a word': 'root',
    'JSON': JSON.stringify(claims),
    'dots': '..',
  };
}

for (const [name, runtime] of Object.entries(RUNTIMES)) {
  test(`the example for ${name} refuses every JWT that Latchkey would not issue to it`, async () => {
    test.skip(!isInstalled(runtime[0]), `${runtime[0]} is not installed`);
    const keys = await startIssuer();
    try {
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: keys.issuer, aud: APP, sub: 'alice', groups: ['staff'], iat: now, exp: now + 60 };
      const valid = () => new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'listed', typ: 'JWT' }).sign(keys.listed);
      const forged = Object.entries(await forgeries(keys));
      const jwts = [await valid(), ...forged.map(([, jwt]) => jwt), ...(await Promise.all(Array.from({ length: 40 }, valid)))];
      const [first, ...rest] = await verdicts(runtime, keys.issuer, APP, jwts);
      expect(first).toBe('["alice",["staff"]]');
      forged.forEach(([what], at) => expect(rest[at], what).toBe('refused'));
      // Signatures whose numbers begin with zeros or a high bit are among so many.
      expect([...new Set(rest.slice(forged.length))]).toEqual([first]);
    } finally {
      keys.server.close();
    }
  });

  test(`the example for ${name} accepts the JWT of a signed-in person`, async ({ product, post, phone, sandbox, request, clientAddress }) => {
    test.skip(!isInstalled(runtime[0]), `${runtime[0]} is not installed`);
    await sandbox.putUser(phone.e164, 'Active', ['staff', 'Zoë & co']);
    await post('/api/send-code', { phone: phone.e164 });
    expect((await post('/api/verify-code', { code: await sandbox.lastCode(phone.e164) })).status()).toBe(200);
    const ask = async (origin: string) => {
      const forwarded = { 'x-forwarded-proto': 'http', 'x-forwarded-host': new URL(origin).host, [CLIENT_ADDRESS_HEADER]: clientAddress };
      const response = await request.get(`/forward-auth?origin=${origin}`, { headers: forwarded });
      expect(response.status()).toBe(200);
      const { 'x-auth-request-jwt': jwt = '', 'x-auth-request-user': user = '' } = response.headers();
      recordSecret('token', jwt);
      return { jwt, user };
    };
    const own = await ask(OWN_APP);
    const other = await ask(OTHER_APP);
    const [accepted, refused] = await verdicts(runtime, product.url, OWN_APP, [own.jwt, other.jwt]);
    expect(JSON.parse(accepted ?? '')).toEqual([own.user, ['staff', 'Zoë & co']]);
    expect(refused, 'a JWT for another application').toBe('refused');
  });
}

test('the packages that the examples need are installed', () => {
  expect(existsSync(join(END2END, 'node_modules/jose'))).toBe(true);
  expect(existsSync(join(PYTHON_PACKAGES, 'jwt')), 'run `cargo xtask setup`').toBe(true);
});
