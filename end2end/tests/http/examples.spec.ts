// The unchanged examples of deploy/ are valid for nginx, Caddy and systemd.
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

test('nginx accepts conf.d and snippets unchanged', () => {
  cpSync(join(DEPLOY, 'nginx'), folder, { recursive: true });
  mkdirSync(join(folder, 'tls'));
  for (const name of certificates(join(folder, 'conf.d'))) createCertificate(join(folder, 'tls'), name);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, nginxMainConfig());
  const { status, stderr } = spawnSync(findProgram('nginx'), ['-t', '-p', folder, '-e', 'stderr', '-c', file], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  expect(stderr).not.toContain('[warn]');
});

test('Caddy accepts the Caddyfile unchanged', () => {
  const home = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const options = { encoding: 'utf8', env: { ...process.env, ...home } } as const;
  const caddy = (...call: string[]) => spawnSync(findProgram('caddy'), [...call, join(DEPLOY, 'caddy/Caddyfile')], options);
  const { status, stderr } = caddy('validate', '--adapter', 'caddyfile', '--config');
  expect(status, stderr).toBe(0);
  // `http://` is the one site without TLS: it serves no other name.
  const warnings = stderr.split('\n').filter((line) => line.includes('"level":"warn"') && !line.includes('listening only on the HTTP port'));
  expect(warnings).toEqual([]);
  expect(caddy('fmt').stdout).toBe(readFileSync(join(DEPLOY, 'caddy/Caddyfile'), 'utf8'));
});

// Several files list these headers, and the lists must agree.
test('all examples strip and pass on the same headers', () => {
  const files = ['nginx/snippets/latchkey-identity.conf', 'nginx/snippets/latchkey-protect.conf', 'caddy/Caddyfile'];
  for (const file of files) {
    const text = readFileSync(join(DEPLOY, file), 'utf8').toLowerCase();
    for (const name of ['user', 'phone', 'groups', 'amr', 'session-expires', 'jwt']) {
      expect(text, `${file} ${name}`).toMatch(new RegExp(`x[-_]auth[-_]request[-_]${name.replace('-', '[-_]')}\\b`));
    }
  }
  expect(readFileSync(join(DEPLOY, 'traefik/latchkey.yml'), 'utf8')).toContain('authResponseHeadersRegex: (?i)^x-auth-request\n');
  expect(readdirSync(join(DEPLOY, 'nginx/conf.d')).length).toBeGreaterThan(3);
});

test('systemd accepts the unit unchanged', () => {
  const unit = readFileSync(join(DEPLOY, 'systemd/latchkey.service'), 'utf8');
  const verify = () => execFileSync('systemd-analyze', ['verify', join(folder, 'latchkey.service')], { stdio: 'pipe' });
  const isInstalled = spawnSync('systemd-analyze', ['--version']).status === 0;
  test.skip(!isInstalled, 'systemd is not installed');
  // The program is not installed, so another one takes its place.
  expect(unit).toContain('\nExecStart=latchkey ');
  writeFileSync(join(folder, 'latchkey.service'), unit.replace('ExecStart=latchkey ', `ExecStart=${process.execPath} `));
  expect(verify).not.toThrow();
});
