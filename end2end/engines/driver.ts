// What the journeys do with a browser: the commands of WebDriver (W3C), however they are sent.

/** Sends a command of WebDriver, and returns its value. */
export type Send = (command: Command, parameters: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** The commands that are used, by the names of Marionette. */
export type Command =
  | 'Navigate'
  | 'GetCurrentURL'
  | 'GetTitle'
  | 'FindElement'
  | 'ElementClick'
  | 'ElementClear'
  | 'ElementSendKeys'
  | 'GetElementText'
  | 'GetElementAttribute'
  | 'ExecuteScript';

/** The key of an element's reference (W3C WebDriver §12.2). */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

export class Driver {
  readonly #send: Send;
  readonly stop: () => Promise<void>;

  constructor(send: Send, stop: () => Promise<void>) {
    this.#send = send;
    this.stop = stop;
  }

  async open(url: string): Promise<void> {
    await this.#send('Navigate', { url });
  }

  async path(): Promise<string> {
    return new URL(String(await this.#send('GetCurrentURL', {}))).pathname;
  }

  async title(): Promise<string> {
    return String(await this.#send('GetTitle', {}));
  }

  /** Replaces the text of a field. */
  async fill(selector: string, text: string): Promise<void> {
    const id = await this.#find(selector);
    await this.#send('ElementClear', { id });
    await this.#send('ElementSendKeys', { id, text });
  }

  async click(selector: string): Promise<void> {
    await this.#send('ElementClick', { id: await this.#find(selector) });
  }

  async text(selector: string): Promise<string> {
    return String(await this.#send('GetElementText', { id: await this.#find(selector) }));
  }

  async attribute(selector: string, name: string): Promise<unknown> {
    return this.#send('GetElementAttribute', { id: await this.#find(selector), name });
  }

  async evaluate(script: string): Promise<unknown> {
    return this.#send('ExecuteScript', { script, args: [] });
  }

  async #find(selector: string): Promise<string> {
    const found = (await this.#send('FindElement', { using: 'css selector', value: selector })) as Record<string, string>;
    const id = found[ELEMENT];
    if (!id) throw new Error(`no element: ${selector}`);
    return id;
  }
}
