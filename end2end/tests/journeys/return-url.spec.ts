// H8: return URLs: a path of the product, or an application on another host name.
import { type Application, useApplication } from '../../fixtures/application.ts';
import { expect, test as base } from '../../fixtures/test.ts';
import { PHONE, settingsOf } from '../../fixtures/identifier-modes.ts';
import { startProduct } from '../../fixtures/product.ts';
import { recordSecret } from '../../fixtures/secrets.ts';

// Two host names as in production, because browsers separate cookies and `form-action` by them.
const originOf = ({ port }: Application) => `http://app.localhost:${port}`;

const test = base.extend<object, { application: Application }>({
  application: [useApplication, { scope: 'worker' }],
  product: [
    async ({ application, mode }, use, worker) => {
      const product = await startProduct(String(worker.workerIndex), {
        ...settingsOf(mode),
        LATCHKEY_SERVER__PUBLIC_URL: 'http://auth.localhost:{port}',
        LATCHKEY_FORWARD_AUTH__ORIGINS: originOf(application),
      });
      await use(product);
      await product.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

test('H8: the return URL of an application on another host is opened, without our cookies', async ({
  application,
  page,
  person,
  user,
}) => {
  const to = `${originOf(application)}/orders?page=2`;
  const code = await user.requestCode(person, `/sign-in?return_to=${encodeURIComponent(to)}`);
  expect(page.url(), 'the return URL is stored in the flow').toMatch(/^http:\/\/auth\.localhost:\d+\/code$/);
  await user.submitCode(code);
  await expect(page).toHaveURL(to);
  await expect(page.getByText('Page 2')).toBeVisible();
  expect(application.received.map(({ headers }) => headers.cookie).join()).not.toContain('latchkey');
});

test('H8: the return URL is kept after an invalid number and a change to sign-up', async ({ application, mode, page, phone, user, sandbox }) => {
  test.skip(mode !== PHONE, 'people sign up with numbers alone');
  const to = `${originOf(application)}/orders?page=2`;
  await page.goto(`/sign-in?return_to=${encodeURIComponent(to)}`);
  await user.submitIdentifier('12');
  await expect(page.getByText(/doesn’t look like a complete phone number/)).toBeVisible();
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expect(page).toHaveURL(/\/sign-up/);
  recordSecret('number', phone.e164);
  await user.submitIdentifier(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  await user.submitCode(await sandbox.lastCode(phone.e164));
  await expect(page).toHaveURL(to);
});

test('H8: the return URL is kept with another identifier, and keeps every character', async ({ application, mode, page, person, user }) => {
  const query = 'C:\\temp {a|b}^`"<>\u00e9+%zz';
  const to = `${originOf(application)}/orders?page=2&q=${query.replace('+', '%2B')}`;
  const code = await user.requestCode(person, `/sign-in?return_to=${encodeURIComponent(to)}`);
  await page.getByRole('link', { name: mode.otherLink }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  // The same one again: its code is still valid.
  await user.submitIdentifier(person.identifier);
  await expect(page).toHaveURL(/\/code$/);
  await user.submitCode(code);
  await expect(page.getByText('Page 2')).toBeVisible();
  expect(new URL(page.url()).searchParams.get('q')).toBe(query);
});

test('H8: the return URL is kept after the flow has ended', async ({ application, context, page, person, user }) => {
  const to = `${originOf(application)}/orders?page=2`;
  const code = await user.requestCode(person, `/sign-in?return_to=${encodeURIComponent(to)}`);
  await context.clearCookies({ name: 'latchkey-flow' });
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.locator('#main input[name="return_to"]')).toHaveValue(to);
});

test('H8: a path of the product is accepted as return URL', async ({ page, person, user }) => {
  await user.submitCode(await user.requestCode(person, '/sign-in?return_to=%2Fsign-out'));
  await expect(page).toHaveURL(/\/sign-out$/);
});

test('a request to another host name is redirected to the public URL', async ({ page, product }) => {
  await page.goto(product.url.replace('auth.localhost', '127.0.0.1'));
  await expect(page).toHaveURL(`${product.url}/sign-in`);
});
