// Pages that refuse, that are not there, or that have to say that something failed.
import { expect, test } from '../../fixtures/test.ts';

for (const path of ['/account', '/code']) {
  test(`${path} is closed to those who have no cookie, or one that is not ours`, async ({ page, product }) => {
    await page.goto(path);
    await expect(page).toHaveURL(/\/sign-in$/);
    // K5: an id that we did not give is never adopted.
    const value = 'A'.repeat(43);
    await page.context().addCookies(['latchkey', 'latchkey-flow'].map((name) => ({ name, value, url: product.url })));
    await page.goto(path);
    await expect(page).toHaveURL(/\/sign-in$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Enter your phone number');
  });
}

test('a page that is not there says so and leads back', async ({ axe, consoleErrors, page }) => {
  consoleErrors.allow(/status of 404/);
  const response = await page.goto('/no/such/page');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
  await expect(page.locator('script, link[rel=modulepreload]'), 'no script on a page without an island').toHaveCount(0);
  await axe(page);
  await page.getByRole('link', { name: 'Go to the start' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('H1 H2: a form on another site is refused with a page that says why', async ({
  axe,
  consoleErrors,
  page,
  phone,
  product,
  sandbox,
}) => {
  consoleErrors.allow(/status of 403/);
  await sandbox.putUser(phone.e164);
  await page.route('http://elsewhere.localhost/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>Win</title><form method=post action="${product.url}/api/send-code">
        <input type=hidden name=phone value="${phone.e164}"><button>Win</button></form>`,
    }),
  );
  await page.goto('http://elsewhere.localhost/');
  await page.getByRole('button', { name: 'Win' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This request was refused');
  await expect(page.getByText(/If you contact us, tell us this number: \S+/)).toBeVisible();
  await expect(page.locator('script')).toHaveCount(0);
  await axe(page);
  expect(await sandbox.inbox(phone.e164)).toEqual([]);
  await page.getByRole('link', { name: 'Go to the start' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('a code that cannot be checked costs no try', async ({ axe, page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const code = await user.requestCode(phone.e164);
  // A 401 proves that nothing was done: a new client token is asked for, and there is none.
  await sandbox.fault('otp_authenticate', { kind: 'status', status: 401, times: 1 });
  await sandbox.fault('token', { kind: 'status', status: 503 });
  await user.submitCode(code);
  await expect(page.getByText(/Nothing is lost, and it is not your fault|This code did not work/)).toBeVisible();
  await axe(page);
});
