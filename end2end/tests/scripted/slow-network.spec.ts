// An old phone on a slow network: what the first view and the first step wait for. No test measures
// time, which would depend on the machine.
import { expect, test } from '../../fixtures/test.ts';

/** Slow 3G, as the developer tools of Chromium had it: bytes a second, and milliseconds. */
const SLOW_3G = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
/** What a server sends before it waits for the first answer of the client (RFC 6928). */
const FIRST_FLIGHT = 14_600;

test('on slow 3G with a slow processor the form is usable before any script, and the first view is one flight', async ({
  page,
  phone,
  sandbox,
}) => {
  await sandbox.putUser(phone.e164);
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Network.enable');
  await devTools.send('Network.emulateNetworkConditions', SLOW_3G);
  await devTools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  // Scripts never come.
  const asked: string[] = [];
  await page.route('**/pkg/**/*.{js,wasm}', (route) => {
    asked.push(route.request().url());
  });
  await page.goto('/sign-in', { waitUntil: 'commit' });
  const number = page.getByLabel('Phone number');
  await number.fill(phone.e164);
  const isDevelopment = (await page.locator('link[href="/pkg/latchkey.css"]').count()) > 0;
  test.skip(isDevelopment, 'A development build serves files as they are compiled.');
  const load = () =>
    page.evaluate(() =>
      performance
        .getEntries()
        .filter((entry): entry is PerformanceResourceTiming => entry instanceof PerformanceResourceTiming)
        .filter(({ entryType, name }) => entryType === 'navigation' || name.endsWith('.css'))
        .filter(({ transferSize }) => transferSize > 0)
        .map(({ name, transferSize }) => ({ name, transferSize })),
    );
  await expect.poll(async () => (await load()).length, { message: 'the page and one style sheet', timeout: 20_000 }).toBe(2);
  const blocking = await load();
  const bytes = blocking.reduce((sum, { transferSize }) => sum + transferSize, 0);
  expect(bytes).toBeGreaterThan(1_000);
  expect(bytes, JSON.stringify(blocking)).toBeLessThanOrEqual(FIRST_FLIGHT);

  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page).toHaveURL(/\/code$/, { timeout: 20_000 });
  await page.getByLabel('Code', { exact: true }).fill(await sandbox.lastCode(phone.e164));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/account$/, { timeout: 20_000 });
  expect(asked.length, 'they were wanted').toBeGreaterThan(0);
});
