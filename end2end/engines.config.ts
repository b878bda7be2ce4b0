import { defineConfig } from '@playwright/test';

// The journeys in Firefox and WebKit as Debian packages them: `cargo xtask engines`. Playwright runs
// the tests, but cannot drive these browsers: see engines/.
export default defineConfig({
  testDir: 'engines',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  reporter: [['list']],
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
});
