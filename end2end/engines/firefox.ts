// Firefox through Marionette, the protocol that geckodriver speaks to it: JSON over TCP, each
// message after its length. So no geckodriver is needed, which Debian does not package.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { freePorts, stopProcess } from '../fixtures/product.ts';
import { type Command, Driver } from './driver.ts';

const START = 60_000;

export async function firefox(options: { readonly javaScript: boolean }): Promise<Driver> {
  const [port = 0] = await freePorts(1);
  const profile = mkdtempSync(join(tmpdir(), 'latchkey-firefox-'));
  const preferences: Record<string, boolean | number | string> = {
    'marionette.port': port,
    'javascript.enabled': options.javaScript,
    'intl.accept_languages': 'en-US',
    // The browser sends no requests of its own.
    'app.update.enabled': false,
    'browser.shell.checkDefaultBrowser': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false,
  };
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
  writeFileSync(join(profile, 'user.js'), lines.join(''));
  const browser = spawn('firefox-esr', ['--marionette', '--headless', '--no-remote', '--profile', profile], {
    stdio: 'ignore',
    env: { ...process.env, HOME: profile },
  });
  let failure: Error | undefined;
  browser.once('error', (error) => (failure = error));
  const connection = await Marionette.connect(port, () => failure);
  const stop = async () => {
    connection.close();
    await stopProcess(browser);
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await connection.send('NewSession', { strictFileInteractability: true });
  } catch (error) {
    await stop();
    throw error;
  }
  return new Driver((command, parameters) => connection.send(command, parameters), stop);
}

type Waiting = { readonly done: (value: unknown) => void; readonly failed: (error: Error) => void };

class Marionette {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #received = Buffer.alloc(0);
  #last = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('close', () => this.#waiting.forEach(({ failed }) => failed(new Error('Firefox has closed the connection'))));
  }

  /** Connects once the browser listens. */
  static async connect(port: number, failure: () => Error | undefined): Promise<Marionette> {
    const deadline = Date.now() + START;
    for (;;) {
      const failed = failure();
      if (failed) throw failed;
      const socket = connect(port, '127.0.0.1');
      const isConnected = await new Promise<boolean>((done) => {
        socket.once('connect', () => done(true));
        socket.once('error', () => done(false));
      });
      if (isConnected) return new Marionette(socket);
      if (Date.now() > deadline) throw new Error('Firefox does not listen');
      await pause(200);
    }
  }

  async send(command: Command | 'NewSession', parameters: Readonly<Record<string, unknown>>): Promise<unknown> {
    const id = ++this.#last;
    const message = JSON.stringify([0, id, `WebDriver:${command}`, parameters]);
    const answer = new Promise<unknown>((done, failed) => this.#waiting.set(id, { done, failed }));
    this.#socket.write(`${Buffer.byteLength(message)}:${message}`);
    const result = await answer;
    // Values come in an object; capabilities and elements do too.
    return result !== null && typeof result === 'object' && 'value' in result ? result.value : result;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const colon = this.#received.indexOf(':');
      const length = Number(this.#received.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || this.#received.length < colon + 1 + length) return;
      const text = this.#received.subarray(colon + 1, colon + 1 + length).toString();
      this.#received = this.#received.subarray(colon + 1 + length);
      const message: unknown = JSON.parse(text);
      // The first message only greets.
      if (Array.isArray(message)) this.#answer(message);
    }
  }

  #answer([, id, error, result]: readonly unknown[]): void {
    const waiting = this.#waiting.get(Number(id));
    this.#waiting.delete(Number(id));
    if (error) waiting?.failed(new Error(JSON.stringify(error)));
    else waiting?.done(result);
  }
}
