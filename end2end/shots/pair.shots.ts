// What `cargo xtask run` starts, for the README: `pair.png`, a sign-in beside the phone of the sandbox.
import { join } from 'node:path';

import { devices } from '@playwright/test';

import { britishPhone } from '../fixtures/test-data.ts';
import { test } from '../fixtures/test.ts';
import { FOLDER } from './folder.ts';

const STYLE = `
  body { margin: 0; padding: 28px; background: #dfe2ec; display: grid; gap: 28px; grid-template-columns: 1120fr 390fr }
  img { inline-size: 100%; border-radius: 12px; box-shadow: 0 2px 16px #1b233d33 }
`;

test.use({ ...devices['Desktop Chrome'], viewport: { width: 1120, height: 880 }, deviceScaleFactor: 2, locale: 'en-GB' });

test('the pair', async ({ browser, page, product, sandbox, user }) => {
  const number = britishPhone().e164;
  await sandbox.putUser(number);
  await user.requestCode(number);
  const phone = await browser.newPage({ viewport: { width: 390, height: 880 }, deviceScaleFactor: 2, locale: 'en-GB' });
  await phone.goto(product.sandboxUrl);
  await phone.locator('.message').first().waitFor();
  const images = [await page.screenshot(), await phone.screenshot()];
  const tags = images.map((bytes) => `<img src="data:image/png;base64,${bytes.toString('base64')}">`);
  // A page of its own: that of the application allows no style but its own.
  const sheet = await browser.newPage({ viewport: { width: 1240, height: 100 } });
  await sheet.setContent(`<!doctype html><style>${STYLE}</style>${tags.join('')}`);
  await sheet.screenshot({ path: join(FOLDER, 'pair.png'), fullPage: true });
});
