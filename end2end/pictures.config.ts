import { defineConfig } from '@playwright/test';

import { launchOptions } from './fixtures/chromium.ts';

// Compares every state with its pictures: `npm run pictures`. Takes those again that differ, and
// writes the page that shows them: `npm run pictures:take`.
export default defineConfig({
  testDir: 'pictures',
  outputDir: 'test-results',
  snapshotPathTemplate: 'screenshots/{arg}{ext}',
  reporter: [['list']],
  fullyParallel: true,
  workers: 2,
  timeout: 300_000,
  expect: { timeout: 15_000 },
  use: {
    launchOptions: {
      ...launchOptions,
      // As little as possible depends on the machine.
      args: [...launchOptions.args, '--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb'],
    },
    contextOptions: { reducedMotion: 'reduce' },
  },
  projects: [
    { name: 'states', testMatch: 'states.pictures.ts' },
    { name: 'sheet', testMatch: 'sheet.pictures.ts', dependencies: ['states'] },
  ],
});
