// What the browser holds of a session.
import { expect, test } from '../../fixtures/test.ts';
import { waitForHydration } from '../../fixtures/user.ts';

test('K12 C11: nothing that opens a door is where a script could find it', async ({ page, phone, product, sandbox, user }) => {
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

  // Everything that a script of the page can reach, the memory of WebAssembly included.
  const reach = await page.evaluate(async () => {
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
  expect(reach.memory.length).toBeGreaterThan(65_535);
  const places = { ...reach, bodies: (await Promise.all(bodies)).join('\n') };
  const secrets = [...flow, ...cookies.map(({ value }) => value), phone.e164.slice(1), phone.national.replaceAll(' ', '')];
  for (const [place, text] of Object.entries(places)) {
    for (const secret of secrets) expect(text.includes(secret), `${place} holds a secret of ${secret.length}`).toBe(false);
    expect(text, place).not.toMatch(/eyJ[\w-]{8,}\.[\w-]{8,}/);
  }
  expect(places.rest).not.toContain(code);
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
});

test('times are those of the place where the reader is', async ({ browser, phone, sandbox, user, page }) => {
  await sandbox.putUser(phone.e164);
  await user.signIn(phone.e164);
  const storageState = await page.context().storageState();
  const context = await browser.newContext({ storageState, timezoneId: 'Asia/Kolkata' });
  const there = await context.newPage();
  await there.goto(page.url());
  await waitForHydration(there);
  const time = there.locator('time').first();
  const told = new Date((await time.getAttribute('datetime')) ?? '');
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'Asia/Kolkata' } as const;
  const day = { month: 'short', day: 'numeric', timeZone: 'Asia/Kolkata' } as const;
  await expect(time).toContainText(told.toLocaleTimeString('en-US', clock));
  await expect(time).toContainText(told.toLocaleDateString('en-US', day));
  await context.close();
});

test('Back after signing out asks the server, which knows nobody', async ({ page, phone, sandbox, user }) => {
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
