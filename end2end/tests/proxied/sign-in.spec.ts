// The sign-in for applications: redirect, return, single sign-on for other applications, roles and
// sign-out.
import { sendRequest } from '../../fixtures/proxied/http-client.ts';
import { cookieHeader, expect, test, expectCleanRequest } from '../../fixtures/proxied/test.ts';

const SIGN_IN = /^https:\/\/id\.localhost:\d+\/sign-in\b/;

test('a sign-in returns to the protected page, opens all applications, and ends everywhere on sign-out', async ({
  page,
  phone,
  sandbox,
  deployment,
  user,
}) => {
  await sandbox.putUser(phone.e164, 'Active', ['staff', 'night shift']);
  const to = `${deployment.app.origin}/orders?page=2&of=a%26b`;
  await page.goto(to);
  await expect(page).toHaveURL(SIGN_IN);
  await user.submitIdentifier(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  await user.submitCode(await sandbox.lastCode(phone.e164));

  await expect(page, 'with the original query only').toHaveURL(to);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Orders');
  await expect(page.getByText('Page 2')).toBeVisible();
  const seen = deployment.app.received.at(-1)!;
  const userId = String(seen.headers['x-auth-request-user']);
  expect(userId).toMatch(/\S/);
  expect(seen.headers['x-auth-request-groups']).toBe('staff,night shift');
  expect(seen.headers['x-auth-request-amr']).toMatch(/\S/);
  expect(seen.headers['x-auth-request-phone']).toMatch(/\*/);
  expect(seen.headers['x-auth-request-phone']).not.toContain(phone.e164.slice(3, 9));
  expect(Date.parse(String(seen.headers['x-auth-request-session-expires']))).toBeGreaterThan(Date.now());
  await expect(page.locator('#user')).toHaveText(userId);

  // A form of the application is posted with its body.
  await page.getByRole('button', { name: 'Add' }).click();
  await expect(page).toHaveURL(`${deployment.app.origin}/orders/7/lines?draft=1`);
  expect(deployment.app.received.at(-1)).toMatchObject({ method: 'POST', url: '/orders/7/lines?draft=1', body: 'text=two+%26+more' });

  // Other applications open without another sign-in.
  for (const { origin, received } of [deployment.other, deployment.ownHost]) {
    await page.goto(`${origin}/?page=7`);
    await expect(page).toHaveURL(`${origin}/?page=7`);
    await expect(page.getByText('Page 7')).toBeVisible();
    expect(received.at(-1)?.headers['x-auth-request-user']).toBe(userId);
  }

  const cookies = await page.context().cookies();
  await page.goto(to);
  await user.press('Sign out');
  await expect(page).toHaveURL(SIGN_IN);
  for (const kept of [[], cookies]) {
    // Cookies that were kept from before the sign-out no longer authenticate.
    await page.context().addCookies(kept);
    for (const { origin, received } of [deployment.app, deployment.other, deployment.ownHost]) {
      const before = received.length;
      await page.goto(`${origin}/orders`);
      await expect(page).toHaveURL(SIGN_IN);
      expect(received.length, origin).toBe(before);
    }
  }
  for (const { received } of [deployment.app, deployment.other, deployment.ownHost]) received.forEach((request) => expectCleanRequest(request));
});

test('a sign-in after an application’s sign-out returns to the application', async ({ page, phone, sandbox, deployment, user }) => {
  await sandbox.putUser(phone.e164);
  for (const path of ['/orders?page=2', '/']) {
    const before = (await sandbox.inbox(phone.e164)).length;
    if (path !== '/') await page.goto(deployment.app.origin + path);
    await user.submitIdentifier(phone.e164);
    await expect(page).toHaveURL(/\/code$/);
    await user.submitCode(await sandbox.lastCode(phone.e164, before));
    await expect(page).toHaveURL(deployment.app.origin + path);
    await user.press('Sign out');
    await expect(page).toHaveURL(SIGN_IN);
  }
});

test('a sign-out at the sign-in also ends the applications’ sessions', async ({ page, phone, sandbox, deployment, user }) => {
  await sandbox.putUser(phone.e164);
  await user.signIn(phone.e164);
  await page.goto(`${deployment.app.origin}/orders`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Orders');
  await page.goto(`${deployment.app.origin}/.latchkey/sign-out`);
  await expect(page, 'a link asks for confirmation').toHaveURL(`${deployment.id}/sign-out`);
  await user.press('Sign out');
  await expect(page).toHaveURL(SIGN_IN);
  await page.goto(`${deployment.app.origin}/orders`);
  await expect(page).toHaveURL(SIGN_IN);
});

test('a user without the required role is refused with 403 and a page that explains it', async ({
  axe,
  consoleErrors,
  page,
  phone,
  sandbox,
  deployment,
  user,
}) => {
  consoleErrors.allow(/status of 403/);
  await sandbox.putUser(phone.e164, 'Active', ['guest']);
  const before = deployment.other.received.length;
  await page.goto(`${deployment.other.origin}/secrets`);
  await expect(page).toHaveURL(SIGN_IN);
  await user.submitIdentifier(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  await user.submitCode(await sandbox.lastCode(phone.e164));
  await expect(page).toHaveURL(`${deployment.other.origin}/secrets`);
  await expect(page.getByText('Your account doesn’t have access to this page.')).toBeVisible();
  await axe(page);
  expect((await page.reload())?.status()).toBe(403);
  expect(deployment.other.received.length).toBe(before);
  await page.getByRole('link', { name: 'Back to the start page' }).click();
  await expect(page, 'where the user can sign out').toHaveURL(`${deployment.id}/account`);
  // One of the required roles is enough.
  await page.goto(`${deployment.ownHost.origin}/`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Calendar');
});

test('a cookie authenticates only at the application that it was issued to', async ({ page, phone, sandbox, deployment, user }) => {
  await sandbox.putUser(phone.e164, 'Active', ['staff']);
  await user.signIn(phone.e164);
  await page.goto(`${deployment.app.origin}/orders`);
  const cookie = await cookieHeader(page.context(), deployment.app.origin);
  expect(cookie).toMatch(/^__Host-latchkey-app=[^;]{22,}$/);
  expect((await sendRequest(`${deployment.app.origin}/orders`, { headers: { cookie } })).status).toBe(200);
  for (const { origin, received } of [deployment.other, deployment.ownHost]) {
    const before = received.length;
    expect((await sendRequest(`${origin}/orders`, { headers: { cookie } })).status, origin).toBe(401);
    expect(received.length).toBe(before);
  }
  const renamed = cookie.replace('-app=', '=');
  for (const origin of [deployment.app.origin, deployment.other.origin, deployment.ownHost.origin]) {
    expect((await sendRequest(`${origin}/orders`, { headers: { cookie: renamed } })).status, origin).toBe(401);
  }
  expect((await sendRequest(`${deployment.id}/account`, { headers: { cookie: renamed } })).status).toBe(303);
});
