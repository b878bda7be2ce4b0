// Countdowns on the code page, and what screen readers announce.
import { expect, test } from '../../fixtures/test.ts';
import { waitForHydration } from '../../fixtures/user.ts';

test.use({ settings: { LATCHKEY_GUARD__COOL_DOWN: '5s', LATCHKEY_TRANSMIT__OTP_LIFETIME: '65s' } });

test('W4: the resend time counts down, and is announced at most twice', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.requestCode(phone.e164);
  await waitForHydration(page);
  const status = page.getByRole('status');
  await expect(status).toHaveCount(1);
  await page.evaluate(() => {
    const announced: string[] = [];
    Object.assign(window, { announced });
    const status = document.querySelector('[role=status]')!;
    new MutationObserver(() => announced.push(status.textContent ?? '')).observe(status, { childList: true, characterData: true, subtree: true });
  });
  const button = page.getByRole('button', { name: 'Send a new code' });
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  const wait = page.locator('#resend-wait');
  const seen = new Set<string>();
  while ((await wait.isVisible()) && seen.size < 20) {
    seen.add(await wait.innerText());
    await page.waitForTimeout(250);
  }
  expect([...seen].length, [...seen].join(' | ')).toBeGreaterThan(2);
  await expect(button).not.toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByText(/^Code valid for \d+ seconds$/)).toBeVisible();
  const announced = () => page.evaluate(() => (window as unknown as { announced: string[] }).announced);
  await expect.poll(announced).toContain('You can get a new code now.');
  // Announces at most the last minute and the end of the wait.
  expect((await announced()).length, (await announced()).join(' | ')).toBeLessThanOrEqual(2);

  await button.click();
  await expect(page.getByText('A new code is on its way.')).toBeVisible();
  expect(await sandbox.inbox(phone.e164)).toHaveLength(2);
});

test('the resend button does nothing during the wait', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.requestCode(phone.e164);
  await waitForHydration(page);
  await page.getByRole('button', { name: 'Send a new code' }).click({ force: true });
  await page.waitForTimeout(600);
  expect(await sandbox.inbox(phone.e164)).toHaveLength(1);
});

test('a computer that slept shows the right time when it wakes', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.requestCode(phone.e164);
  await waitForHydration(page);
  await expect(page.getByText(/^Code valid for/)).toBeVisible();
  // In sleep the wall clock goes on, and the monotonic clock stands still.
  await page.evaluate(() => {
    const { now } = Date;
    Date.now = () => now() + 40_000;
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
  await expect(page.getByText(/^Code valid for (1?\d|2[0-5]) seconds?$/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send a new code' })).not.toHaveAttribute('aria-disabled', 'true');
});

test.describe('Polish', () => {
  test.use({ locale: 'pl-PL' });

  test('W9: a script counts in the grammatical forms that the sentence needs', async ({ page, phone, sandbox }) => {
    await sandbox.putUser(phone.e164);
    await page.goto('/sign-in');
    await page.locator('#phone').fill(phone.e164);
    await page.locator('form[action="/api/send-code"] button').click();
    await expect(page).toHaveURL(/\/code$/);
    await waitForHydration(page);
    const wait = page.locator('#resend-wait');
    const seen = new Set<string>();
    while (await wait.isVisible()) {
      // The text stays when the wait is hidden.
      seen.add((await wait.textContent()) ?? '');
      await page.waitForTimeout(250);
    }
    expect(seen.size, [...seen].join(' | ')).toBeGreaterThan(2);
    for (const sentence of seen) {
      expect(sentence).toMatch(/^Nowy kod możesz otrzymać za (5 sekund|[2-4] sekundy|1 sekundę)\.$/);
    }
  });
});
