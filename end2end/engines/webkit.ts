// WebKitGTK through its own WebDriver. It needs a display, so it runs under Xvfb.
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

import { freePorts, stopProcess } from '../fixtures/product.ts';
import { type Command, Driver } from './driver.ts';

const MINI_BROWSER = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/webkit2gtk-4.1/MiniBrowser`;
const START = 60_000;

/** Method and path of each command below `/session/{id}` (W3C WebDriver §6). */
const ROUTES: Record<Command, readonly ['GET' | 'POST', string]> = {
  Navigate: ['POST', 'url'],
  GetCurrentURL: ['GET', 'url'],
  GetTitle: ['GET', 'title'],
  FindElement: ['POST', 'element'],
  ElementClick: ['POST', 'element/{id}/click'],
  ElementClear: ['POST', 'element/{id}/clear'],
  ElementSendKeys: ['POST', 'element/{id}/value'],
  GetElementText: ['GET', 'element/{id}/text'],
  GetElementAttribute: ['GET', 'element/{id}/attribute/{name}'],
  ExecuteScript: ['POST', 'execute/sync'],
};

export async function webKit(): Promise<Driver> {
  const [port = 0, display = 0] = await freePorts(2);
  const screen = spawn('Xvfb', [`:${display}`, '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], { stdio: 'ignore' });
  const driver = spawn('WebKitWebDriver', [`--port=${port}`], {
    stdio: 'ignore',
    env: {
      ...process.env,
      DISPLAY: `:${display}`,
      GDK_BACKEND: 'x11',
      LANG: 'en_US.UTF-8',
      LANGUAGE: 'en_US',
      LIBGL_ALWAYS_SOFTWARE: '1',
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
    },
  });
  let failure: Error | undefined;
  for (const child of [screen, driver]) child.once('error', (error) => (failure = error));
  const base = `http://127.0.0.1:${port}/session`;
  let session: string | undefined;
  const stop = async () => {
    if (session) await fetch(`${base}/${session}`, { method: 'DELETE' }).catch(() => undefined);
    await stopProcess(driver);
    await stopProcess(screen);
  };
  try {
    await listening(port, () => failure);
    const options = { binary: MINI_BROWSER, args: ['--automation'] };
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options } };
    const created = (await call('POST', base, { capabilities })) as { sessionId: string };
    session = created.sessionId;
  } catch (error) {
    await stop();
    throw error;
  }
  const send = (command: Command, parameters: Readonly<Record<string, unknown>>) => {
    const [method, route] = ROUTES[command];
    const path = route.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parameters[name])));
    return call(method, `${base}/${session}/${path}`, parameters);
  };
  return new Driver(send, stop);
}

async function listening(port: number, failure: () => Error | undefined): Promise<void> {
  const deadline = Date.now() + START;
  for (;;) {
    const failed = failure();
    if (failed) throw failed;
    const response = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined);
    if (response?.ok) return;
    if (Date.now() > deadline) throw new Error('WebKitWebDriver does not answer');
    await pause(200);
  }
}

async function call(method: 'GET' | 'POST', url: string, parameters: unknown): Promise<unknown> {
  const body = method === 'POST' ? { body: JSON.stringify(parameters) } : {};
  const response = await fetch(url, { method, ...body });
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) throw new Error(`${url}: ${JSON.stringify(value)}`);
  return value;
}
