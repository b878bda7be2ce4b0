import { defineConfig, devices } from '@playwright/test';

import { launchOptions } from './fixtures/chromium.ts';

const phone = devices['Pixel 7'];
const desktop = devices['Desktop Chrome'];

// Every test of a page runs four times: on a phone and on a desktop, each with and without JavaScript, because the
// pages promise to work without. Tests of HTTP alone need no browser and run once.
export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  reporter: [['list']],
  forbidOnly: Boolean(process.env['CI']),
  // A test that passes the second time has failed.
  retries: 0,
  // Each worker has a product of its own; one that was already running cannot be shared.
  workers: process.env['LATCHKEY_BASE_URL'] ? 1 : 2,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  use: { launchOptions, locale: 'en-US', screenshot: 'only-on-failure' },
  projects: [
    { name: 'http', testDir: 'tests/http' },
    { name: 'phone', testDir: 'tests/pages', use: { ...phone, javaScriptEnabled: true } },
    { name: 'phone without JavaScript', testDir: 'tests/pages', use: { ...phone, javaScriptEnabled: false } },
    { name: 'desktop', testDir: 'tests/pages', use: { ...desktop, javaScriptEnabled: true } },
    { name: 'desktop without JavaScript', testDir: 'tests/pages', use: { ...desktop, javaScriptEnabled: false } },
  ],
});
