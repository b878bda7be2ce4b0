import { defineConfig, devices } from '@playwright/test';

import { launchOptions } from './fixtures/chromium.ts';
import { type ModeOptions } from './fixtures/identifier-test.ts';
import { type ProxyKind } from './fixtures/proxied/proxy.ts';

const phone = devices['Pixel 7'];
const desktop = devices['Desktop Chrome'];
const signIn = 'tests/proxied/sign-in.spec.ts';
const headers = ['tests/proxied/headers.spec.ts', 'tests/proxied/identity.spec.ts'];
// The certificates are self-signed.
const proxied = { ...desktop, ignoreHTTPSErrors: true };
const isRunning = Boolean(process.env['LATCHKEY_BASE_URL']);

// tests/http           HTTP requests without a browser
// tests/pages          every page function: phone and desktop, each with and without JavaScript
// tests/accessibility  axe, layout and contrast for every page in every state
// tests/recorded       accessibility trees as in screenshots/, in four languages
// tests/scripted       what the islands add
// tests/proxied        applications on several hosts, behind nginx, Caddy and Traefik as in deploy/
// tests/identifiers    journeys with other identifiers than numbers; `npm run identifiers` runs all of them
// tests/output         runs last: searches the server output of this run for secrets
export default defineConfig<object, { reverseProxy: ProxyKind } & ModeOptions>({
  testDir: 'tests',
  outputDir: 'test-results',
  snapshotPathTemplate: 'screenshots/{arg}{ext}',
  reporter: [['list']],
  forbidOnly: Boolean(process.env['CI']),
  // `cargo xtask test` tries a failed test once more, and reports it as flaky if it passes then.
  retries: 0,
  // Each worker starts its own server. A server that is already running cannot be shared.
  workers: isRunning ? 1 : 2,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  use: { launchOptions, locale: 'en-US', screenshot: 'only-on-failure' },
  projects: [
    { name: 'http', testMatch: 'tests/http/**' },
    { name: 'phone', testMatch: ['tests/pages/**', 'tests/accessibility/**'], use: { ...phone, javaScriptEnabled: true } },
    { name: 'phone without JavaScript', testMatch: 'tests/pages/**', use: { ...phone, javaScriptEnabled: false } },
    {
      name: 'desktop',
      testMatch: ['tests/pages/**', 'tests/accessibility/**', 'tests/recorded/**', 'tests/scripted/**'],
      use: { ...desktop, javaScriptEnabled: true },
    },
    { name: 'desktop without JavaScript', testMatch: 'tests/pages/**', use: { ...desktop, javaScriptEnabled: false } },
    // A server that is already running has no proxy in front, and its output cannot be read. Nor
    // has it another identifier.
    ...(isRunning
      ? []
      : [
          ...identifiers(),
          { name: 'nginx', testMatch: 'tests/proxied/**', use: { ...proxied, reverseProxy: 'nginx' as const } },
          {
            name: 'nginx without JavaScript',
            testMatch: signIn,
            use: { ...proxied, reverseProxy: 'nginx' as const, javaScriptEnabled: false },
          },
          { name: 'caddy', testMatch: [signIn, ...headers], use: { ...proxied, reverseProxy: 'caddy' as const } },
          { name: 'traefik', testMatch: headers, use: { ...proxied, reverseProxy: 'traefik' as const } },
          { name: 'output', testMatch: 'tests/output/**' },
        ]),
  ].map((project) => (isRunning || project.name === 'output' ? project : { ...project, teardown: 'output' })),
});

/**
 * Every mode once: two with JavaScript and two without. The long form is every mode with and
 * without JavaScript, and the tests that wait for the clock.
 */
function identifiers() {
  const isLong = Boolean(process.env['LATCHKEY_ALL_IDENTIFIERS']);
  return ['email', 'username', 'user_id', 'employee_number'].flatMap((identifier, index) =>
    (isLong ? [true, false] : [index % 2 === 0]).map((javaScriptEnabled) => ({
      name: javaScriptEnabled ? identifier : `${identifier} without JavaScript`,
      testMatch: isLong ? 'tests/identifiers/**' : 'tests/identifiers/journeys.spec.ts',
      use: { ...desktop, javaScriptEnabled, identifier },
    })),
  );
}
