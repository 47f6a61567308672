/**
 * Just enough of Redis' protocol to count and read, over a raw socket: the auditor shares no client with what it judges.
 * @module
 */
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { RespReply } from "./resp-reader.js";
import { RespReader } from "./resp-reader.js";

export interface RespAddress {
  readonly host: string;
  readonly port: number;
}

interface Pending {
  resolve(reply: RespReply): void;
  reject(error: Error): void;
}

/** One connection; replies come in the order of the commands. */
export class RespClient implements Disposable {
  readonly #socket: Socket;
  readonly #pending: Pending[] = [];
  readonly #reader = new RespReader();
  #failure: Error | undefined;
  #onLine: ((line: string) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("Redis closed the connection.")));
  }

  /** @throws Error when nobody listens there. */
  static open(address: RespAddress): Promise<RespClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(address.port, address.host);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new RespClient(socket));
      });
    });
  }

  /** @throws Error with the server's words when it refuses the command. */
  send(...words: readonly string[]): Promise<RespReply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      this.#socket.write(`*${words.length}\r\n${parts.join("")}`);
    });
  }

  /** A command that answers with a number. */
  async count(...words: readonly string[]): Promise<number> {
    const reply = await this.send(...words);
    if (typeof reply !== "number") throw new Error(`${words[0]} answered ${JSON.stringify(reply)}, not a number.`);
    return reply;
  }

  /** A command that answers with a list of texts. */
  async texts(...words: readonly string[]): Promise<readonly (string | null)[]> {
    const reply = await this.send(...words);
    if (!Array.isArray(reply)) throw new Error(`${words[0]} answered ${JSON.stringify(reply)}, not a list.`);
    return reply.map((item) => (item === null ? null : String(item)));
  }

  /** From now on every command that the server runs is reported, as it prints them; the connection is good for no more. */
  async monitor(onLine: (line: string) => void): Promise<void> {
    this.#onLine = onLine;
    await this.send("MONITOR");
  }

  /** `127.0.0.1:50112`: how the server names this connection. */
  get localAddress(): string {
    return `${this.#socket.localAddress}:${this.#socket.localPort}`;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    for (const reply of this.#reader.push(chunk)) {
      const waiting = this.#pending.shift();
      if (waiting === undefined && typeof reply === "string") this.#onLine?.(reply);
      if (reply instanceof Error) waiting?.reject(reply);
      else waiting?.resolve(reply);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#pending.splice(0)) waiting.reject(error);
  }
}
