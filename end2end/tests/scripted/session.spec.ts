// What the browser stores about a session, and how it shows times.
import { expect, test } from '../../fixtures/test.ts';
import { waitForHydration } from '../../fixtures/user.ts';

test('K12 C11: scripts cannot read any secret of the session', async ({ page, phone, product, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const bodies: Promise<string>[] = [];
  page.on('response', (response) => {
    if (response.headers()['content-type']?.match(/html|json|javascript/)) bodies.push(response.text().catch(() => ''));
  });
  const code = await user.requestCode(phone.e164);
  await waitForHydration(page);
  const flow = (await page.context().cookies()).map(({ value }) => value);
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
  await waitForHydration(page);
  await page.request.get(`${product.url}/api/session`).then((response) => bodies.push(response.text()));
  const cookies = await page.context().cookies();
  expect(cookies.every(({ httpOnly }) => httpOnly)).toBe(true);

  // Everything that a script of the page can read, including the memory of WebAssembly.
  const readable = await page.evaluate(async () => {
    const start = document.querySelector('script[type=module]')?.textContent ?? '';
    const [, glue] = /from "([^"]+)"/.exec(start) ?? [];
    const module = (await import(glue ?? '')) as { default(): Promise<{ memory: WebAssembly.Memory }> };
    const { memory } = await module.default();
    const databases = await indexedDB.databases();
    return {
      memory: new TextDecoder('latin1').decode(memory.buffer),
      rest: JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, databases, document.documentElement.outerHTML, location.href, history.state]),
    };
  });
  expect(readable.memory.length).toBeGreaterThan(65_535);
  const places = { ...readable, bodies: (await Promise.all(bodies)).join('\n') };
  const secrets = [...flow, ...cookies.map(({ value }) => value), phone.e164.slice(1), phone.national.replaceAll(' ', '')];
  for (const [place, text] of Object.entries(places)) {
    for (const secret of secrets) expect(text.includes(secret), `${place} contains a secret of ${secret.length} characters`).toBe(false);
    expect(text, place).not.toMatch(/eyJ[\w-]{8,}\.[\w-]{8,}/);
  }
  expect(places.rest).not.toContain(code);
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
});

test('times are shown in the time zone of the browser', async ({ browser, phone, sandbox, user, page }) => {
  await sandbox.putUser(phone.e164);
  await user.signIn(phone.e164);
  const storageState = await page.context().storageState();
  const context = await browser.newContext({ storageState, timezoneId: 'Asia/Kolkata' });
  const otherPage = await context.newPage();
  await otherPage.goto(page.url());
  await waitForHydration(otherPage);
  const time = otherPage.locator('time').first();
  const shown = new Date((await time.getAttribute('datetime')) ?? '');
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'Asia/Kolkata' } as const;
  const day = { month: 'short', day: 'numeric', timeZone: 'Asia/Kolkata' } as const;
  await expect(time).toContainText(shown.toLocaleTimeString('en-US', clock));
  await expect(time).toContainText(shown.toLocaleDateString('en-US', day));
  await context.close();
});

for (const language of ['en_US', 'en-US@posix', 'en-US-u-nu-arab', 'x', undefined]) {
  test(`a browser whose language is ${language} shows times and sends forms`, async ({ page, phone, sandbox, user }) => {
    await page.addInitScript((language) => {
      Object.defineProperty(navigator, 'language', { get: () => language });
    }, language);
    await sandbox.putUser(phone.e164);
    await user.signIn(phone.e164);
    await waitForHydration(page);
    const time = page.locator('time').first();
    await expect(time).not.toContainText('UTC');
    await expect(time).toContainText(/\d\d:\d\d/);
    await user.press('Sign out');
    await expect(page).toHaveURL(/\/sign-in$/);
  });
}

test('W5: the warning before an idle session ends can sign out', async ({ axe, page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await page.clock.install();
  await user.signIn(phone.e164);
  await waitForHydration(page);
  const dialog = page.getByRole('dialog', { name: 'Are you still there?' });
  await expect(dialog).toBeHidden();
  await page.clock.fastForward('29:30');
  await expect(dialog).toBeVisible();
  await axe(page);
  await dialog.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByRole('status').filter({ hasText: 'You’re signed out' })).toBeVisible();
});

test('Back after a sign-out shows no page of the session', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.signIn(phone.e164);
  await page.goto('/sign-out');
  await user.press('Sign out');
  await expect(page).toHaveURL(/\/sign-in$/);
  for (let step = 0; step < 2; step += 1) {
    await page.goBack();
    await expect(page.getByText('You’re signed in')).toHaveCount(0);
    expect(await page.content()).not.toContain(phone.e164.slice(-2) + '</bdi>');
  }
});
