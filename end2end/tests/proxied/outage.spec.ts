// While Latchkey is unreachable, proxies refuse requests and do not redirect to the sign-in.
import { expect, test } from '@playwright/test';

import { startApplication } from '../../fixtures/application.ts';
import { freePorts } from '../../fixtures/product.ts';
import { sendRequest } from '../../fixtures/proxied/http-client.ts';
import { startProxy } from '../../fixtures/proxied/proxy.ts';

for (const kind of ['nginx', 'caddy'] as const) {
  test(`${kind} refuses protected requests while Latchkey is unreachable`, async () => {
    const [http = 0, https = 0, ownHostHttps = 0, unusedPort = 0] = await freePorts(4);
    const application = await startApplication('Orders');
    const { port } = application;
    const proxy = await startProxy(kind, { http, https, ownHostHttps, latchkey: [unusedPort], app: port, other: port, ownHost: port });
    try {
      const headers = { cookie: `__Host-latchkey-app=${'x'.repeat(43)}`, accept: 'text/html', 'sec-fetch-mode': 'navigate' };
      for (const origin of [`https://app.localhost:${https}`, `https://id.localhost:${ownHostHttps}`]) {
        const answer = await sendRequest(`${origin}/orders`, { headers });
        expect(answer.status, origin).toBe(kind === 'nginx' ? 503 : 502);
        expect(answer.headers.location).toBeUndefined();
        if (kind === 'nginx') expect(answer.headers).toMatchObject({ 'retry-after': '5', 'cache-control': 'no-store' });
      }
      const open = kind === 'nginx' ? ['/health'] : [];
      for (const path of open) expect((await sendRequest(`https://app.localhost:${https}${path}`, { headers })).status).toBe(200);
      expect(application.received.map(({ url }) => url)).toEqual(open);
      expect(JSON.stringify(application.received)).not.toContain('latchkey');
    } finally {
      await proxy.stop();
      await application.stop();
    }
  });
}
