// Searches the output of all servers of this run for secrets and panics (C11, L2, K2).
import { expect, test } from '@playwright/test';

import { productLogs, recordedSecrets, type Secret } from '../../fixtures/secrets.ts';

// Six digits may be part of a hash or of a timestamp, so that only a separate number is a code.
const standalone = (value: string) => new RegExp(`(?<![0-9A-Za-z.])${value}(?![0-9A-Za-z])`);

function pattern({ kind, value }: Secret): RegExp {
  const literal = value.replace(/^\+/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return kind === 'code' ? standalone(literal) : new RegExp(literal);
}

const ALWAYS_FORBIDDEN: [string, RegExp][] = [
  ['a token', /eyJ[\w-]{8,}\.[\w-]{8,}/],
  ['a bearer', /\bbearer [\w.-]{8,}/i],
  ['a panic', /panicked at|RUST_BACKTRACE/],
];

test('C11 L2 K2: no output contains a code, a number, a cookie or a token, and nothing panicked', () => {
  const outputs = productLogs();
  const secrets = recordedSecrets();
  // The output is really that of the servers. Secrets are expected only if a sign-in succeeded,
  // because a run of a few tests may have none.
  const all = outputs.flatMap(({ lines }) => lines).join('\n');
  expect(all).toContain('sys_startup');
  for (const kind of all.includes('authn_login_success') ? (['code', 'number', 'cookie'] as const) : []) {
    expect(secrets.filter((secret) => secret.kind === kind).length, kind).toBeGreaterThan(0);
  }

  const forbidden = [...ALWAYS_FORBIDDEN, ...secrets.map((secret) => [secret.kind, pattern(secret)] as const)];
  const found = outputs.flatMap(({ name, lines }) => {
    const text = lines.join('\n');
    const inside = forbidden.filter(([, pattern]) => pattern.test(text));
    return inside.map(([what, pattern]) => `${name}:${lines.findIndex((line) => pattern.test(line)) + 1} contains ${what}`);
  });
  expect(found).toEqual([]);
});
