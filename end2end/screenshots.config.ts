import { defineConfig } from '@playwright/test';

import { launchOptions } from './fixtures/chromium.ts';

// Takes screenshots instead of running tests: `npm run screenshots`. LATCHKEY_SCREENSHOTS names the
// folder in which they are stored.
export default defineConfig({
  testDir: 'shots',
  testMatch: '*.shots.ts',
  outputDir: 'test-results',
  reporter: [['list']],
  workers: 2,
  timeout: 180_000,
  use: { launchOptions, contextOptions: { reducedMotion: 'reduce' } },
  projects: [
    { name: 'pair', testMatch: 'pair.shots.ts' },
    { name: 'brand', testMatch: 'brand.shots.ts' },
    { name: 'pages', testMatch: 'pages.shots.ts' },
    { name: 'sheet', testMatch: 'sheet.shots.ts', dependencies: ['pages'] },
  ],
});
