// Screenshots of every page state: phone and desktop, light and dark, three languages.
import { devices } from '@playwright/test';

import { britishPhone } from '../fixtures/test-data.ts';
import { pageStates } from '../fixtures/page-states.ts';
import { test } from '../fixtures/test.ts';
import { screenshotPath } from './folder.ts';

const DEVICES = {
  phone: { ...devices['Pixel 7'], viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
  desktop: { ...devices['Desktop Chrome'], viewport: { width: 1120, height: 860 }, deviceScaleFactor: 2 },
};
const LANGUAGES = { en: 'en-GB', de: 'de-DE', ar: 'ar-EG' };

test.use({ settings: { LATCHKEY_GUARD__COUNTRIES: 'US,GB,DE,FR,ES,EG,CH' } });

for (const [device, { defaultBrowserType: _, ...options }] of Object.entries(DEVICES)) {
  for (const [language, locale] of Object.entries(LANGUAGES)) {
    test.describe(`${device}, ${language}`, () => {
      test.use({ ...options, locale });

      test('every state', async ({ consoleErrors, page, sandbox, openOtherBrowser, user }) => {
        consoleErrors.allow(/status of 40[34]/);
        const numbers = { lockedOut: britishPhone().e164, signedIn: britishPhone().e164 };
        for (const number of Object.values(numbers)) await sandbox.putUser(number);
        const others = [
          await openOtherBrowser({ ...devices['iPhone 15'], locale: 'en-GB' }),
          await openOtherBrowser({ ...devices['Desktop Firefox'], locale: 'en-GB' }),
        ] as const;
        for await (const state of pageStates(user, numbers, others)) {
          for (const scheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme: scheme });
            const path = screenshotPath({ device: device as 'phone' | 'desktop', scheme, language, state });
            await page.screenshot({ path, fullPage: true });
          }
          await page.emulateMedia({ colorScheme: 'light' });
        }
      });
    });
  }
}
