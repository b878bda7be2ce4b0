// The journeys of a person in other engines than Chromium.
import { wrongCode } from '../fixtures/test-data.ts';
import { expect, test as http } from '../fixtures/http.ts';
import { isHydrated } from '../fixtures/hydration.ts';
import { type Driver } from './driver.ts';
import { firefox } from './firefox.ts';
import { webKit } from './webkit.ts';

const BROWSERS: Readonly<Record<string, { readonly start: () => Promise<Driver>; readonly javaScript: boolean }>> = {
  Firefox: { start: () => firefox({ javaScript: true }), javaScript: true },
  'Firefox without JavaScript': { start: () => firefox({ javaScript: false }), javaScript: false },
  WebKit: { start: webKit, javaScript: true },
};

const SEND_CODE = 'form[action="/api/send-code"] button';
const SEND_CODE_AFTER_SIGN_UP = 'form[action="/api/sign-up"] button';
const VERIFY = 'form[action="/api/verify-code"] button';
const SIGN_OUT = 'main form[action="/api/sign-out"] button';

const IS_HYDRATED = `return (${isHydrated.toString()})();`;

for (const [name, { start, javaScript }] of Object.entries(BROWSERS)) {
  const test = http.extend<{ driver: Driver }>({
    driver: async ({}, use) => {
      const driver = await start();
      await use(driver);
      await driver.stop();
    },
  });

  test.describe(name, () => {
    const ready = async (driver: Driver) => {
      if (javaScript) await expect.poll(() => driver.evaluate(IS_HYDRATED), 'the page is hydrated').toBe(true);
    };
    const at = (driver: Driver, path: string) => expect.poll(() => driver.path()).toBe(path);

    test('a person signs in with a wrong code and the right one, and signs out', async ({ driver, phone, product, sandbox }) => {
      await sandbox.putUser(phone.e164);
      await driver.open(`${product.url}/sign-in`);
      await ready(driver);
      await driver.fill('#phone', '12');
      await driver.click(SEND_CODE);
      await expect.poll(() => driver.title()).toMatch(/^Error: Sign in · /);
      await driver.fill('#phone', phone.e164);
      await driver.click(SEND_CODE);
      await at(driver, '/code');
      await ready(driver);
      expect(await driver.text('#code-time')).toMatch(/Code valid for (5:00|4:\d\d)/);
      const code = await sandbox.lastCode(phone.e164);
      await driver.fill('#code', wrongCode(code));
      await driver.click(VERIFY);
      await expect.poll(() => driver.title()).toMatch(/^Error: Enter the code · /);
      expect(await driver.text('#code-error')).toContain('You have one try left.');
      expect(await driver.attribute('#code', 'aria-invalid')).toBe('true');
      await driver.fill('#code', code);
      await driver.click(VERIFY);
      await at(driver, '/account');
      await ready(driver);
      const time = await driver.text('time');
      if (javaScript) expect(time, 'in the time zone of the reader').not.toContain('UTC');
      else expect(time).toContain('UTC');
      await driver.click(SIGN_OUT);
      await at(driver, '/sign-in');
      expect(await driver.text('.notice')).toContain('You’re signed out');
      await driver.open(`${product.url}/account`);
      await at(driver, '/sign-in');
    });

    test('a person creates an account', async ({ driver, phone, product, sandbox }) => {
      await driver.open(`${product.url}/sign-up`);
      await ready(driver);
      await driver.fill('#name', 'Ada Lovelace');
      await driver.fill('#phone', phone.e164);
      await driver.click(SEND_CODE_AFTER_SIGN_UP);
      await at(driver, '/code');
      await ready(driver);
      await driver.fill('#code', await sandbox.lastCode(phone.e164));
      await driver.click(VERIFY);
      await at(driver, '/account');
      expect(await driver.text('h1')).toBe('You’re signed in');
    });
  });
}
