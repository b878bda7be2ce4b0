// The examples of deploy/, exactly as they are: the proxies themselves say whether they can be read.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@playwright/test';

import { certificates, DEPLOY } from '../../fixtures/proxied/examples.ts';
import { nginxMainConfig, createCertificate, findProgram } from '../../fixtures/proxied/proxy.ts';

let folder = '';
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-examples-'));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('nginx takes conf.d and snippets as they are', () => {
  cpSync(join(DEPLOY, 'nginx'), folder, { recursive: true });
  mkdirSync(join(folder, 'tls'));
  for (const name of certificates(join(folder, 'conf.d'))) createCertificate(join(folder, 'tls'), name);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, nginxMainConfig());
  const { status, stderr } = spawnSync(findProgram('nginx'), ['-t', '-p', folder, '-e', 'stderr', '-c', file], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  expect(stderr).not.toContain('[warn]');
});

test('Caddy takes the Caddyfile as it is', () => {
  const home = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const options = { encoding: 'utf8', env: { ...process.env, ...home } } as const;
  const caddy = (...call: string[]) => spawnSync(findProgram('caddy'), [...call, join(DEPLOY, 'caddy/Caddyfile')], options);
  const { status, stderr } = caddy('validate', '--adapter', 'caddyfile', '--config');
  expect(status, stderr).toBe(0);
  expect(stderr).not.toContain('"level":"warn"');
  expect(caddy('fmt').stdout).toBe(readFileSync(join(DEPLOY, 'caddy/Caddyfile'), 'utf8'));
});

// Each of these is written down in several files, which must agree.
test('all examples strip and pass on the same headers', () => {
  const files = ['nginx/snippets/latchkey-identity.conf', 'nginx/snippets/latchkey-protect.conf', 'caddy/Caddyfile', 'traefik/latchkey.yml'];
  for (const file of files) {
    const text = readFileSync(join(DEPLOY, file), 'utf8').toLowerCase();
    for (const name of ['user', 'phone', 'groups', 'amr', 'session-expires', 'jwt']) {
      expect(text, `${file} ${name}`).toMatch(new RegExp(`x[-_]auth[-_]request[-_]${name.replace('-', '[-_]')}\\b`));
    }
  }
  expect(readdirSync(join(DEPLOY, 'nginx/conf.d')).length).toBeGreaterThan(3);
});

test('systemd takes the unit as it is', () => {
  const unit = readFileSync(join(DEPLOY, 'systemd/latchkey.service'), 'utf8');
  const verify = () => execFileSync('systemd-analyze', ['verify', join(folder, 'latchkey.service')], { stdio: 'pipe' });
  const there = spawnSync('systemd-analyze', ['--version']).status === 0;
  test.skip(!there, 'systemd is not here');
  // Only the program is not where the unit says.
  writeFileSync(join(folder, 'latchkey.service'), unit.replaceAll('/usr/local/bin/latchkey', process.execPath));
  expect(verify).not.toThrow();
});
