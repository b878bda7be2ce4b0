// Countdowns on the code page, and what screen readers announce.
import { type Page } from '@playwright/test';

import { expect, test } from '../../fixtures/test.ts';
import { waitForHydration } from '../../fixtures/user.ts';

/** Stops the clocks of the page, and lets a countdown end in so many seconds, even if it has ended already. */
async function setSecondsLeft(page: Page, kind: 'expire' | 'resend', seconds: number): Promise<void> {
  const element = page.locator(kind === 'expire' ? '#code-time [data-deadline]' : '#resend-wait [data-deadline]');
  const restart = { kind, seconds };
  await element.evaluate((element: HTMLElement, { kind, seconds }) => {
    const now = performance.now();
    performance.now = () => now;
    Date.now = () => 0;
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const elapsed = now - (navigation?.responseStart ?? 0);
    element.dataset['countdown'] = kind;
    element.dataset['deadline'] = String(Number(element.dataset['now']) + elapsed + seconds * 1000 - 200);
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, restart);
}

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
  await expect(page.getByText(/^Code valid for [01]:\d\d$/)).toBeVisible();
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

test('a code that is valid for 5 minutes is valid for 4:59 a second later, and its last minute is told in words', async ({
  page,
  phone,
  sandbox,
  user,
}) => {
  await sandbox.putUser(phone.e164);
  await user.requestCode(phone.e164);
  await waitForHydration(page);
  const shown = async (seconds: number) => {
    await setSecondsLeft(page, 'expire', seconds);
    return page.locator('#code-time').innerText();
  };
  expect(await shown(300)).toBe('Code valid for 5:00');
  expect(await shown(299)).toBe('Code valid for 4:59');
  expect(await shown(61)).toBe('Code valid for 1:01');
  expect(await shown(59)).toBe('Code valid for 0:59');
  await expect(page.getByRole('status')).toHaveText('Code valid for 1 minute');
  await setSecondsLeft(page, 'expire', 0);
  await expect(page).toHaveTitle(/^Your code has expired · /);
});

for (const [locale, sentences] of [
  ['en-GB', { 1: '1 second', 2: '2 seconds', 60: '1 minute', 91: '2 minutes', 3600: '1 hour', 7200: '2 hours' }],
  ['de-DE', { 1: '1 Sekunde', 59: '59 Sekunden', 120: '2 Minuten', 259_200: '3 Tagen' }],
  ['ar-EG', { 1: 'ثانية واحدة', 2: 'ثانيتين', 3: '3 ثوانٍ', 11: '11 ثانية', 120: 'دقيقتين', 600: '10 دقائق' }],
] as const) {
  test.describe(locale, () => {
    test.use({ locale });

    test('a script tells a wait in the words of the server', async ({ page, phone, sandbox }) => {
      await sandbox.putUser(phone.e164);
      await page.goto('/sign-in');
      await page.locator('#phone').fill(phone.e164);
      await page.locator('form[action="/api/send-code"] button').click();
      await expect(page).toHaveURL(/\/code$/);
      await waitForHydration(page);
      for (const [seconds, time] of Object.entries(sentences)) {
        await setSecondsLeft(page, 'resend', Number(seconds));
        await expect(page.locator('#resend-wait')).toContainText(time);
      }
    });
  });
}

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
  await expect(page.getByText(/^Code valid for 0:([01]\d|2[0-5])$/)).toBeVisible();
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
