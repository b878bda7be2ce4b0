// What `cargo xtask run` starts, for the README: `pair.png`, a sign-in beside the phone of the sandbox.
import { join } from 'node:path';

import { devices } from '@playwright/test';

import { britishPhone } from '../fixtures/test-data.ts';
import { test } from '../fixtures/test.ts';
import { FOLDER } from './folder.ts';
import { renderSheet } from './sheet.ts';

test.use({ ...devices['Desktop Chrome'], viewport: { width: 1120, height: 880 }, deviceScaleFactor: 2, locale: 'en-GB' });

test('the pair', async ({ browser, page, product, sandbox, user }) => {
  const number = britishPhone().e164;
  await sandbox.putUser(number);
  await user.requestCode(number);
  const phone = await browser.newPage({ viewport: { width: 390, height: 880 }, deviceScaleFactor: 2, locale: 'en-GB' });
  await phone.goto(product.sandboxUrl);
  await phone.locator('.message').first().waitFor();
  const images = [await page.screenshot(), await phone.screenshot()];
  await renderSheet(browser, { images, columns: '1120fr 390fr', path: join(FOLDER, 'pair.png') });
});
