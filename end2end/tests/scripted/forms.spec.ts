// Forms with islands: sent once by fetch, and still usable when scripts do not load.
import { type Page } from '@playwright/test';

import { americanPhone, wrongCode } from '../../fixtures/test-data.ts';
import { expect, test } from '../../fixtures/test.ts';
import { expectError, expectNotice, hold, waitForHydration } from '../../fixtures/user.ts';

/** Records the resource type and path of POST requests. */
function posts(page: Page): string[] {
  const seen: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') seen.push(`${request.resourceType()} ${new URL(request.url()).pathname}`);
  });
  return seen;
}

test('H4: no script can turn text into markup or code', async ({ consoleErrors, page }) => {
  consoleErrors.allow(/Trusted|trusted-types/);
  await page.goto('/sign-in');
  await waitForHydration(page);
  const outcomes = await page.evaluate(() => {
    const outcome = (work: () => void) => {
      try {
        work();
        return 'allowed';
      } catch (error) {
        return error instanceof TypeError ? 'refused' : String(error);
      }
    };
    return [
      outcome(() => (document.createElement('p').innerHTML = '<b>text</b>')),
      outcome(() => (document.createElement('script').src = '/x.js')),
    ];
  });
  expect(outcomes).toEqual(['refused', 'refused']);
});

test('all forms are sent by fetch, and errors do not reload the page', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const seen = posts(page);
  await page.goto('/sign-in');
  await waitForHydration(page);
  await user.submitIdentifier('12');
  await expectError(page, 'Phone number', /doesn’t look like a complete phone number/);
  await user.submitIdentifier(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  await waitForHydration(page);
  const code = await sandbox.lastCode(phone.e164);
  await user.submitCode(wrongCode(code));
  await expectError(page, 'Code', /That code didn’t work/);
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
  await waitForHydration(page);
  await user.press('Sign out');
  await expect(page).toHaveURL(/\/sign-in$/);
  expect(seen).toEqual([
    'fetch /api/send-code',
    'fetch /api/send-code',
    'fetch /api/verify-code',
    'fetch /api/verify-code',
    'fetch /api/sign-out',
  ]);
});

test('a double click sends one message, and the button shows the progress', async ({ page, phone, sandbox }) => {
  await sandbox.putUser(phone.e164);
  const seen = posts(page);
  await page.goto('/sign-in');
  await waitForHydration(page);
  await page.getByLabel('Phone number').fill(phone.e164);
  const button = page.getByRole('button');
  const width = (await button.boundingBox())?.width;
  // Held until the progress was seen, however slow the machine is.
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/api/send-code', async (route) => {
    await held;
    await route.continue();
  });
  await button.dblclick();
  await expect(button).toHaveText('Sending…');
  await expect(button).toHaveAttribute('aria-busy', 'true');
  await expect(page.getByRole('status'), 'for screen readers').toHaveText('Sending…');
  expect((await button.boundingBox())?.width).toBe(width);
  release();
  await expect(page).toHaveURL(/\/code$/);
  await sandbox.lastCode(phone.e164);
  expect(seen).toEqual(['fetch /api/send-code']);
  expect(await sandbox.inbox(phone.e164)).toHaveLength(1);
});

test('a double click sends one message without the island as well', async ({ consoleErrors, page, phone, sandbox }) => {
  consoleErrors.allow(/Failed to fetch|ERR_FAILED|dynamically imported/);
  await sandbox.putUser(phone.e164);
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('/sign-in');
  await page.getByLabel('Phone number').fill(phone.e164);
  await page.getByRole('button').dblclick();
  await expect(page).toHaveURL(/\/code$/);
  await sandbox.lastCode(phone.e164);
  expect(await sandbox.inbox(phone.e164)).toHaveLength(1);
});

for (const [what, pattern] of [
  ['WebAssembly', '**/*.wasm'],
  ['every script', '**/pkg/**/*.{js,wasm}'],
] as const) {
  test(`the sign-in works when ${what} is blocked`, async ({ consoleErrors, page, phone, sandbox, user }) => {
    consoleErrors.allow(/Failed to fetch|ERR_FAILED|dynamically imported/);
    await sandbox.putUser(phone.e164);
    await page.route(pattern, (route) => route.abort());
    const code = await user.requestCode(phone.e164);
    await user.submitCode(wrongCode(code));
    await expectError(page, 'Code', /That code didn’t work/);
    await user.submitCode(code);
    await expect(page).toHaveURL(/\/account$/);
    await user.press('Sign out');
    await expect(page).toHaveURL(/\/sign-in$/);
  });
}

test('the sign-in works while WebAssembly is loading', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const held: (() => void)[] = [];
  await page.route('**/*.wasm', async (route) => {
    await new Promise<void>((go) => held.push(go));
    await route.continue().catch(() => undefined);
  });
  await user.signIn(phone.e164);
  held.forEach((go) => go());
});

test('input from before hydration is kept', async ({ page, phone }) => {
  let go: () => void = () => undefined;
  const held = new Promise<void>((done) => (go = done));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/sign-in');
  await page.getByLabel('Stay signed in').check();
  await page.getByLabel('Phone number').fill(phone.e164);
  go();
  await waitForHydration(page);
  await expect(page.getByLabel('Phone number')).toHaveValue(phone.e164);
  await expect(page.getByLabel('Phone number')).toBeFocused();
  await expect(page.getByLabel('Stay signed in')).toBeChecked();
});

test('without a network the form says so, and works when the network is back', async ({ consoleErrors, page, phone, sandbox, user }) => {
  consoleErrors.allow(/ERR_INTERNET_DISCONNECTED/);
  await sandbox.putUser(phone.e164);
  await page.goto('/sign-in');
  await waitForHydration(page);
  await page.context().setOffline(true);
  await user.submitIdentifier(phone.e164);
  await expectNotice(page, /We couldn’t reach the service/);
  await expect(page.getByRole('button')).toHaveText('Send code');
  await expect(page.getByRole('status')).toHaveText('');
  await page.context().setOffline(false);
  await user.press('Send code');
  await expect(page).toHaveURL(/\/code$/);
});

test('a server that does not answer is given up after 20 seconds, and nothing is sent twice', async ({
  consoleErrors,
  page,
  phone,
  sandbox,
  user,
}) => {
  consoleErrors.allow(/ERR_ABORTED|ERR_FAILED/);
  await sandbox.putUser(phone.e164);
  const seen = posts(page);
  await page.clock.install();
  await page.goto('/sign-in');
  await waitForHydration(page);
  const go = await hold(page, '/api/send-code');
  await user.submitIdentifier(phone.e164);
  await expect(page.getByRole('button')).toHaveAttribute('aria-busy', 'true');
  await page.clock.fastForward(5_000);
  await expect(page.getByRole('button')).toHaveAttribute('aria-busy', 'true');
  await page.clock.fastForward(20_000);
  await expectNotice(page, /didn’t answer in time/);
  expect(seen).toHaveLength(1);

  go();
  await user.press('Send code');
  await expect(page).toHaveURL(/\/code$/);
  await sandbox.lastCode(phone.e164);
  expect(await sandbox.inbox(phone.e164)).toHaveLength(1);
});

for (const [what, response, sentence] of [
  ['an HTML page of a proxy', { status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' }, /on our side/],
  ['the page of a hotspot', { status: 200, contentType: 'text/html', body: '<h1>Welcome</h1>' }, /on our side/],
  ['JSON that is none of ours', { status: 503, contentType: 'application/json', body: 'null' }, /on our side/],
  ['a 429 of a proxy', { status: 429, contentType: 'text/html', body: 'slow down' }, /For security.*wait/],
  [
    'our 429',
    { status: 429, contentType: 'application/problem+json', body: '{"code":"slow_down","title":"Wait: too many.","status":429,"retry_after":9}' },
    /too many/,
  ],
] as const) {
  test(`${what} is a notice, and no error of the field`, async ({ consoleErrors, page, phone, sandbox, user }) => {
    consoleErrors.allow(/status of (429|50\d)/);
    await sandbox.putUser(phone.e164);
    await page.goto('/sign-in');
    await waitForHydration(page);
    await page.route('**/api/send-code', (route) => route.fulfill(response), { times: 1 });
    await user.submitIdentifier(phone.e164);
    await expectNotice(page, sentence);
    await expect(page.getByText('We couldn’t reach the service')).toHaveCount(0);
    await user.press('Send code');
    await expect(page).toHaveURL(/\/code$/);
  });
}

test('after Back from the code page the form can be sent again', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.requestCode(phone.e164);
  await page.goBack();
  await expect(page).toHaveURL(/\/sign-in$/);
  const button = page.getByRole('button');
  await expect(button).toHaveText('Send code');
  await expect(button).not.toHaveAttribute('aria-busy', 'true');
  // The same number returns to the same flow, and nothing is sent.
  await user.submitIdentifier(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  expect(await sandbox.inbox(phone.e164)).toHaveLength(1);
});

test('the example number matches the selected country', async ({ page }) => {
  await page.goto('/sign-in');
  await waitForHydration(page);
  const hint = page.locator('#phone-hint');
  await page.getByLabel('Country or region code').selectOption('GB');
  const british = await hint.textContent();
  await page.getByLabel('Country or region code').selectOption('DE');
  await expect(hint).not.toHaveText(british ?? '');
  await expect(hint).toHaveText(/Example: .*\d/);
});

test('S5: a doubtful number is asked back with the number in full, and sent when it is confirmed', async ({ page, user }) => {
  const seen = posts(page);
  await page.goto('/sign-in');
  await waitForHydration(page);
  await page.getByLabel('Country or region code').selectOption('GB');
  await page.getByLabel('Stay signed in').check();
  await user.submitIdentifier('020 7946 0958');
  await expect(page.locator('#phone-question')).toHaveText(/Is .*\+44 20 7946 0958.* right\?/);
  await expect(page.getByLabel('Phone number')).toBeFocused();
  await expect(page.getByLabel('Phone number')).toHaveAccessibleDescription(/^Is .* right\?/);
  await expect(page.locator('[aria-invalid]'), 'nothing was wrong').toHaveCount(0);
  await expect(page).toHaveTitle(/^Sign in · /);
  await expect(page.getByLabel('Phone number')).toHaveValue('+44 20 7946 0958');
  await expect(page.getByLabel('Stay signed in')).toBeChecked();
  await waitForHydration(page);
  await user.press('Send code');
  await expect(page).toHaveURL(/\/code$/);
  expect(seen).toEqual(['fetch /api/send-code', 'fetch /api/send-code']);
});

test('S1: a browser that keeps no cookies is told so, and can go on when it does', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await page.goto('/sign-in?return_to=/account');
  await waitForHydration(page);
  await page.context().clearCookies();
  await user.submitIdentifier(phone.e164);
  await expect(page.locator('.notice.warning').filter({ hasText: /didn’t keep this page’s cookie/ })).toBeVisible();
  expect(await sandbox.inbox(phone.e164)).toHaveLength(0);
  await waitForHydration(page);
  await user.submitIdentifier(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
});

test('the page of an earlier sign-in says that a newer one is under way, and checks nothing', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const code = await user.requestCode(phone.e164);
  await waitForHydration(page);
  // Another tab, another number: whose flow the browser has now.
  const other = await page.context().newPage();
  await other.goto('/sign-in');
  await other.getByLabel('Phone number').fill(americanPhone().e164);
  await other.getByRole('button', { name: 'Send code' }).click();
  await expect(other).toHaveURL(/\/code$/);
  await other.close();
  await user.submitCode(code);
  await expect(page.locator('.notice.warning').filter({ hasText: /You started a newer sign-in/ })).toBeVisible();
  await expect(page).toHaveURL(/\/code$/);
});
