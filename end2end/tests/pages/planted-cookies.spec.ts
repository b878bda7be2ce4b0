// K1: a sibling host plants cookies for the whole domain (cookie tossing). What the browser makes of
// them, and in which order it sends them, is decided by Chromium here and not by a model of it.
import { createServer } from 'node:http';

import { type BrowserContext } from '@playwright/test';

import { startProduct } from '../../fixtures/product.ts';
import { recordSecret } from '../../fixtures/secrets.ts';
import { britishPhone } from '../../fixtures/test-data.ts';
import { expect, test as base } from '../../fixtures/test.ts';

interface Sibling {
  /** The URL of a page that plants a cookie for the domain that both hosts share. */
  plant(name: string, value: string, lifetime?: number): string;
  stop(): Promise<void>;
}

// Over http the names have no `__Host-`, so Chromium also accepts our own names.
const DOMAIN = 'latchkey.localhost';
const NAMES = ['latchkey', 'latchkey-flow', 'latchkey-browser', 'latchkey-flash'];
const LOOKALIKES = ['\u2000', '\u00a0', '\u3000', '\ufeff'].flatMap((space) => NAMES.map((name) => space + name));

async function startSibling(): Promise<Sibling> {
  const server = createServer(({ url = '' }, response) => {
    const query = new URL(url, 'http://sibling').searchParams;
    const line = `${query.get('name')}=${query.get('value')}; Domain=${DOMAIN}; Path=/; Max-Age=${query.get('lifetime')}`;
    // By script, because Chromium stores the characters of `document.cookie` as UTF-8. It takes
    // those of a header for Latin-1.
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><link rel=icon href="data:,"><script>document.cookie = ${JSON.stringify(line)}</script>planted`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no port');
  return {
    plant: (name, value, lifetime = 600) =>
      `http://evil.${DOMAIN}:${address.port}/?${new URLSearchParams({ name, value, lifetime: String(lifetime) })}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

const test = base.extend<object, { sibling: Sibling }>({
  sibling: [
    async ({}, use) => {
      const sibling = await startSibling();
      await use(sibling);
      await sibling.stop();
    },
    { scope: 'worker' },
  ],
  product: [
    async ({}, use, worker) => {
      const product = await startProduct(String(worker.workerIndex), {
        LATCHKEY_SERVER__PUBLIC_URL: `http://id.${DOMAIN}:{port}`,
      });
      await use(product);
      await product.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

test.skip(Boolean(process.env['LATCHKEY_BASE_URL']), 'the public URL must have a sibling');
test.skip(({ javaScriptEnabled }) => javaScriptEnabled === false, 'the sibling plants by script');

/** The names of the cookies that the browser would send to the product, in its order. */
const namesAt = async (context: BrowserContext, url: string) => (await context.cookies(url)).map(({ name }) => name);

test('K1: lookalikes of our cookies neither sign in as the attacker nor sign the owner out', async ({
  context,
  openOtherBrowser,
  page,
  phone,
  product,
  sandbox,
  sibling,
  user,
}) => {
  const attacker = await openOtherBrowser({ baseURL: product.url });
  const attackersPhone = britishPhone().e164;
  recordSecret('number', attackersPhone);
  for (const number of [attackersPhone, phone.e164]) await sandbox.putUser(number);
  await attacker.signIn(attackersPhone);
  const stolen = (await attacker.page.context().cookies(product.url)).find(({ name }) => name === 'latchkey');
  const value = stolen?.value ?? '';
  expect(value).toHaveLength(43);

  // They are planted first, so that the browser sends them before ours.
  for (const name of LOOKALIKES) await page.goto(sibling.plant(name, value));
  expect((await namesAt(context, product.url)).length, 'Chromium accepted them').toBeGreaterThanOrEqual(LOOKALIKES.length);
  await page.goto(`${product.url}/account`);
  await expect(page, 'the attacker’s session is not ours').toHaveURL(/\/sign-in$/);

  await user.signIn(phone.e164);
  const sent = page.waitForRequest(`${product.url}/account`);
  await page.goto(`${product.url}/account`);
  const cookie = (await (await sent).allHeaders())['cookie'] ?? '';
  expect(cookie.indexOf(value), 'the planted ones really come along, before ours').toBeGreaterThanOrEqual(0);
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.locator('main')).toContainText(phone.e164.slice(-2));
  expect(await namesAt(context, product.url)).toContain('latchkey');
});

test('K1: a planted cookie of our own name is nobody’s, and does not cost the owner the genuine one', async ({
  context,
  page,
  phone,
  product,
  sandbox,
  sibling,
  user,
}) => {
  await sandbox.putUser(phone.e164);
  await user.signIn(phone.e164);
  const genuine = (await context.cookies(product.url)).find(({ name }) => name === 'latchkey')?.value;
  await page.goto(sibling.plant('latchkey', 'A'.repeat(43)));
  expect((await namesAt(context, product.url)).filter((name) => name === 'latchkey')).toHaveLength(2);

  await page.goto(`${product.url}/account`);
  await expect(page).toHaveURL(/\/sign-in$/);
  const kept = (await context.cookies(product.url)).filter(({ name }) => name === 'latchkey').map(({ value }) => value);
  expect(kept, 'nothing was cleared').toContain(genuine);

  await page.goto(sibling.plant('latchkey', '', 0));
  await page.goto(`${product.url}/account`);
  await expect(page, 'the genuine one alone is valid again').toHaveURL(/\/account$/);
});
