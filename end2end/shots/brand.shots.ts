// The example of docs/operators/brand.md: `brand.png`, a sign-in on a light and on a dark screen, in two languages.
import { join } from 'node:path';

import { devices } from '@playwright/test';

import { test } from '../fixtures/test.ts';
import { FOLDER } from './folder.ts';
import { renderSheet } from './sheet.ts';

const IMAGES = join(import.meta.dirname, '../../docs/images');

test.use({
  ...devices['Desktop Chrome'],
  viewport: { width: 720, height: 800 },
  deviceScaleFactor: 2,
  settings: {
    LATCHKEY_BRAND__NAME: 'Example',
    LATCHKEY_BRAND__LOGO: join(IMAGES, 'example-logo.svg'),
    LATCHKEY_BRAND__LOGO_DARK: join(IMAGES, 'example-logo-dark.svg'),
    LATCHKEY_BRAND__ACCENT: '#0a6e3f',
    LATCHKEY_BRAND__RADIUS: '6',
    LATCHKEY_BRAND__COUNTRY: 'GB',
    LATCHKEY_BRAND__SUPPORT_URL: 'https://example.com/help',
    LATCHKEY_BRAND__PRIVACY_URL: 'https://example.com/privacy',
    LATCHKEY_BRAND__TERMS_URL: 'https://example.com/terms',
  },
});

test('the brand', async ({ browser, product }) => {
  const images: Buffer[] = [];
  for (const options of [
    { colorScheme: 'light', locale: 'en-GB' },
    { colorScheme: 'dark', locale: 'de-DE' },
  ] as const) {
    const page = await browser.newPage(options);
    await page.goto(`${product.url}/sign-in`);
    images.push(await page.screenshot());
    await page.close();
  }
  await renderSheet(browser, { images, columns: '1fr 1fr', path: join(FOLDER, 'brand.png') });
});
