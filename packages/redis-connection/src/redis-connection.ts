import type { RedisScript } from "./redis-script.js";

export type RedisArgument = string | number | Buffer;
/** Name and arguments. */
export type RedisCommand = readonly [name: string, args: readonly RedisArgument[]];

/** One connection, as narrow as the adapters need it. Every rejection is a typed error of its role. */
export interface RedisConnection extends AsyncDisposable {
  /** Whether a command sent now would be written. */
  readonly ready: boolean;
  /**
   * Connects if needed; resolves once ready. @throws the role's error after `timeoutMs`, at once when login or the
   * certificate is refused.
   */
  whenReady(timeoutMs: number, doing: string): Promise<void>;
  /** The error of a caller that waits no longer: it says where to, and why there is no connection if that is known. */
  failure(kind: "unavailable" | "timeout", doing: string): Error;
  /** Sends a command; replies with text as strings. */
  send(name: string, args: readonly RedisArgument[]): Promise<unknown>;
  /** Sends commands in one write; one outcome each, in order. Never rejects. */
  sendMany(commands: readonly RedisCommand[]): Promise<readonly PromiseSettledResult<unknown>[]>;
  /** Runs a script by digest, sending its text when the server does not know it (any more). */
  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>;
  /** Like `run`, with text replies as bytes. */
  runForBytes(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>;
  /** Hears of each time the connection is ready; returns the function that stops listening. */
  onReady(listener: () => void): () => void;
  /** Hears of each time a ready connection drops. */
  onLost(listener: (error: Error) => void): () => void;
  /** Drops the socket; a new one is opened. */
  reset(): void;
}
