// Pages without a valid cookie, missing pages, refused requests and upstream failures.
import { expect, test } from '../../fixtures/test.ts';

for (const path of ['/account', '/code']) {
  test(`K5: ${path} redirects to the sign-in without a cookie or with an unknown one`, async ({ page, product }) => {
    await page.goto(path);
    await expect(page).toHaveURL(/\/sign-in$/);
    // An ID that the server did not issue is never adopted.
    const value = 'A'.repeat(43);
    await page.context().addCookies(['latchkey', 'latchkey-flow'].map((name) => ({ name, value, url: product.url })));
    await page.goto(path);
    await expect(page).toHaveURL(/\/sign-in$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Enter your phone number');
  });
}

test('a missing page is 404 and links to the start', async ({ axe, consoleErrors, page }) => {
  consoleErrors.allow(/status of 404/);
  const response = await page.goto('/no/such/page');
  expect(response?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
  await expect(page.locator('script, link[rel=modulepreload]'), 'no script on a page without an island').toHaveCount(0);
  await axe(page);
  await page.getByRole('link', { name: 'Back to the start page' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('H1 H2: a form on another site is refused with an error page', async ({
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
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('We couldn’t accept that');
  await expect(page.getByText(/If you contact support, mention this number: \S+/)).toBeVisible();
  await expect(page.locator('script')).toHaveCount(0);
  await axe(page);
  expect(await sandbox.inbox(phone.e164)).toEqual([]);
  await page.getByRole('link', { name: 'Back to the start page' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('a code that cannot be checked because of an outage shows an error', async ({ axe, page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const code = await user.requestCode(phone.e164);
  // A 401 means that the code was not checked. The product then requests a new client token,
  // which fails.
  await sandbox.fault('otp_authenticate', { kind: 'status', status: 401, times: 1 });
  await sandbox.fault('token', { kind: 'status', status: 503 });
  await user.submitCode(code);
  await expect(page.getByText(/The problem is on our side|That code didn’t work/)).toBeVisible();
  await axe(page);
});
