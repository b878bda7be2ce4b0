import { defineConfig, devices } from '@playwright/test';

import { launchOptions } from './fixtures/chromium.ts';
import { type ModeOption } from './fixtures/http.ts';
import { OTHER_MODES } from './fixtures/identifier-modes.ts';
import { type ProxyKind } from './fixtures/proxied/proxy.ts';
import { type VisitOption } from './fixtures/recorded-test.ts';
import { VISIT_NAMES } from './fixtures/visits.ts';

const phone = devices['Pixel 7'];
const desktop = devices['Desktop Chrome'];
const signIn = 'tests/proxied/sign-in.spec.ts';
const everywhere = ['tests/pages/**', 'tests/journeys/**'];
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
// tests/journeys       what everybody can do, however they sign in: as above, and in each identifier mode
// tests/identifiers    what is different in an identifier mode
// tests/output         runs last: searches the server output of this run for secrets
export default defineConfig<object, { reverseProxy: ProxyKind } & ModeOption & VisitOption>({
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
    { name: 'phone', testMatch: [...everywhere, 'tests/accessibility/**'], use: { ...phone, javaScriptEnabled: true } },
    { name: 'phone without JavaScript', testMatch: everywhere, use: { ...phone, javaScriptEnabled: false } },
    {
      name: 'desktop',
      testMatch: [...everywhere, 'tests/accessibility/**', 'tests/recorded/**', 'tests/scripted/**'],
      use: { ...desktop, javaScriptEnabled: true },
    },
    { name: 'desktop without JavaScript', testMatch: everywhere, use: { ...desktop, javaScriptEnabled: false } },
    // A server that is already running has no proxy in front, and its output cannot be read. Nor
    // has it another identifier.
    ...(isRunning
      ? []
      : [
          ...identifiers(),
          ...furtherVisits(),
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
 * The trees of states that need settings of their own, in both directions of writing. Those of the
 * others are of `desktop`, in all languages.
 */
function furtherVisits() {
  return VISIT_NAMES.filter((visit) => visit !== 'numbers').map((visit) => ({
    name: `states of ${visit}`,
    testMatch: 'tests/recorded/trees.spec.ts',
    grep: / in (en|ar) every state/,
    use: { ...desktop, visit },
  }));
}

/**
 * Every mode once: two with JavaScript and two without. The long form, `npm run identifiers`, is
 * every mode with and without JavaScript.
 */
function identifiers() {
  const isLong = Boolean(process.env['LATCHKEY_ALL_IDENTIFIERS']);
  return OTHER_MODES.flatMap(({ name }, index) =>
    (isLong ? [true, false] : [index % 2 === 0]).map((javaScriptEnabled) => ({
      name: javaScriptEnabled ? name : `${name} without JavaScript`,
      testMatch: ['tests/journeys/**', 'tests/identifiers/**'],
      use: { ...desktop, javaScriptEnabled, identifier: name },
    })),
  );
}
