import { defineConfig } from '@playwright/test';

import { launchOptions } from './fixtures/chromium.ts';
import { type VisitOption } from './fixtures/recorded-test.ts';
import { VISIT_NAMES } from './fixtures/visits.ts';

// Compares every state with its pictures: `npm run pictures`. Takes those again that differ, and
// writes the page that shows them: `npm run pictures:take`.
export default defineConfig<object, VisitOption>({
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
    ...VISIT_NAMES.map((visit) => ({ name: visit, testMatch: 'states.pictures.ts', use: { visit } })),
    { name: 'sheet', testMatch: 'sheet.pictures.ts', dependencies: VISIT_NAMES },
  ],
});
