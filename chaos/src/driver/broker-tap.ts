/**
 * Sees what is stored at the broker, from the server itself (`MONITOR`): nothing that is judged has a say in it.
 * @module
 */
import type { RespAddress } from "../auditor/resp-client.js";
import { RespClient } from "../auditor/resp-client.js";

/** A message that was put into the queue. */
export interface SeenPush {
  /** As it lies in the queue. */
  readonly text: string;
  readonly task: string;
  readonly id: string;
  readonly attempt: number;
  readonly group: string | undefined;
  readonly args: unknown;
  /** It was there before: a worker, or the sweep, gave it back. */
  readonly isRedelivered: boolean;
}

export interface BrokerTapOptions extends RespAddress {
  readonly queue: string;
}

const PUSH = /^\S+ \[\d+ (\S+)\] "[LlRr][Pp][Uu][Ss][Hh]" /;

export class BrokerTap implements Disposable {
  readonly #client: RespClient;
  readonly #commands: RespClient;
  readonly #options: BrokerTapOptions;
  #onPush: (push: SeenPush) => void = () => undefined;
  readonly #marks = new Map<string, () => void>();
  #marked = 0;

  private constructor(client: RespClient, commands: RespClient, options: BrokerTapOptions) {
    this.#client = client;
    this.#commands = commands;
    this.#options = options;
  }

  static async open(options: BrokerTapOptions): Promise<BrokerTap> {
    const [client, commands] = await Promise.all([RespClient.open(options), RespClient.open(options)]);
    return new BrokerTap(client, commands, options);
  }

  /** Reports every message from now on. */
  async watch(onPush: (push: SeenPush) => void): Promise<void> {
    this.#onPush = onPush;
    await this.#client.monitor((line) => this.#read(line));
  }

  /** Puts a message into the queue; the tap does not report it. */
  async push(text: string): Promise<void> {
    await this.#commands.send("LPUSH", this.#options.queue, text);
  }

  async unlink(key: string): Promise<void> {
    await this.#commands.send("UNLINK", key);
  }

  /** Resolves once everything that the server has done so far has been reported. */
  async caughtUp(): Promise<void> {
    this.#marked += 1;
    const mark = `tap-mark-${this.#marked}`;
    const seen = new Promise<void>((resolve) => {
      this.#marks.set(`"${mark}"`, resolve);
    });
    await this.#commands.send("ECHO", mark);
    await seen;
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
    this.#commands[Symbol.dispose]();
  }

  #read(line: string): void {
    const [head, from] = PUSH.exec(line) ?? [];
    if (head === undefined) this.#readMark(line);
    else if (from !== this.#commands.localAddress) {
      const [key, ...texts] = parseWords(line.slice(head.length));
      if (key === this.#options.queue) for (const text of texts) this.#report(text);
    }
  }

  #readMark(line: string): void {
    if (this.#marks.size === 0) return;
    const mark = line.slice(line.lastIndexOf(" ") + 1);
    this.#marks.get(mark)?.();
    this.#marks.delete(mark);
  }

  #report(text: string): void {
    const push = readPush(text);
    if (push !== undefined) this.#onPush(push);
  }
}

/** Arguments as `MONITOR` prints them: in quotes, with escapes. */
export function parseWords(line: string): readonly string[] {
  return [...line.matchAll(/"([^"\\]*(?:\\.[^"\\]*)*)"/gs)].map(([, quoted = ""]) => unescapeWord(quoted));
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, a: 7, b: 8 };

/** Bytes beyond ASCII are printed one by one, so the text is put together as bytes. */
function unescapeWord(quoted: string): string {
  if (!quoted.includes("\\")) return quoted;
  const text = quoted.replace(/\\x([0-9a-f]{2})|\\(.)/gs, (_whole, hex?: string, letter = "") =>
    String.fromCharCode(hex === undefined ? (ESCAPES[letter] ?? letter.charCodeAt(0)) : Number.parseInt(hex, 16)),
  );
  return Buffer.from(text, "latin1").toString("utf8");
}

function readPush(text: string): SeenPush | undefined {
  try {
    const { headers, body } = JSON.parse(text) as { headers: Record<string, unknown>; body: string }; // kombu's envelope
    const [args] = JSON.parse(Buffer.from(body, "base64").toString("utf8")) as readonly unknown[]; // protocol 2
    const { id, task, retries, group, redelivered } = headers;
    return {
      text,
      task: String(task),
      id: String(id),
      attempt: Number(retries ?? 0),
      group: typeof group === "string" ? group : undefined,
      args,
      isRedelivered: redelivered === true,
    };
  } catch {
    return undefined; // nothing of ours
  }
}
