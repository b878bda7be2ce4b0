// Redirects and forms for users who are not signed in, and which port serves which paths.
import { expect, expectProblem, test } from '../../fixtures/http.ts';

for (const [path, next] of [
  ['/', '/sign-in'],
  ['/account', '/sign-in'],
  ['/code', '/sign-in'],
] as const) {
  test(`${path} is 303 to ${next} without a session`, async ({ request }) => {
    const response = await request.get(path, { maxRedirects: 0 });
    expect(response.status()).toBe(303);
    expect(response.headers()['location']).toBe(next);
  });
}

for (const [path, action] of [
  ['/sign-in', '/api/send-code'],
  ['/sign-up', '/api/sign-up'],
] as const) {
  test(`${path} is a form that posts to ${action} without JavaScript`, async ({ request }) => {
    const response = await request.get(path);
    expect(response.status()).toBe(200);
    expect(response.headers()['content-type']).toMatch(/^text\/html/);
    const form = /<form\b[^>]*>/i.exec(await response.text())?.[0] ?? '';
    expect(form).toContain(`action="${action}"`);
    expect(form).toMatch(/method="post"/i);
  });
}

test('/api/session without a session is a problem response', async ({ request }) => {
  await expectProblem(await request.get('/api/session'), 401, 'not_signed_in');
});

for (const path of ['/livez', '/readyz', '/metrics']) {
  test(`${path} is served on the operations port only`, async ({ product, request }) => {
    expect((await request.get(product.operationsUrl + path)).status()).toBe(200);
    expect((await request.get(path)).status()).toBe(404);
  });
}
