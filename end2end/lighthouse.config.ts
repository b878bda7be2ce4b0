import { defineConfig } from '@playwright/test';

// Lighthouse on every page with a form: `cargo xtask lighthouse`.
export default defineConfig({
  testDir: 'lighthouse',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  reporter: [['list']],
  // A second run would take the time of the first.
  workers: 1,
  timeout: 600_000,
});
