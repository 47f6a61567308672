/**
 * A TCP proxy that breaks connections on demand: no privileges, no kernel modules. RELIABILITY 2.2.
 * @module
 */
import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { CutRule } from "./cut-rule.js";
import { ProxiedConnection } from "./proxied-connection.js";

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/** Stands between clients and one server. Every fault hits all connections open at that moment. */
export class FaultProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #rules: CutRule[] = [];
  #refusing = false;
  #swallowing = false;
  #accepted = 0;

  private constructor(server: Server, target: ProxyTarget) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port; // a TCP server that listens has one
    server.on("connection", (client) => this.#accept(client, target));
  }

  /** Listens on a free port of the loopback address. */
  static listen(target: ProxyTarget): Promise<FaultProxy> {
    const server = createServer({ noDelay: true });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(new FaultProxy(server, target)));
    });
  }

  /** Connections open now. */
  get open(): number {
    return this.#connections.size;
  }
  /** Connections taken so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Ends all connections politely (FIN). */
  cut(): number {
    return this.#each((connection) => connection.cut());
  }

  /** Resets all connections (RST): what is under way is gone. */
  rst(): number {
    return this.#each((connection) => connection.reset());
  }

  /** Half-open: connections stay, nothing is read any more, in either direction; new ones too, until `resume`. */
  blackhole(): number {
    this.#swallowing = true;
    return this.#each((connection) => connection.pause());
  }

  /** Ends the blackhole; what waited in buffers flows on. */
  resume(): void {
    this.#swallowing = false;
    this.#each((connection) => connection.resume());
  }

  /** Resets new connections at once, or stops doing so. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /**
   * Resets a connection when a request matches: `before` it reaches the server, or `after` the server has answered, so
   * that the command was executed and the reply is lost. Resolves when `times` (default 1) connections were reset.
   */
  cutOn(pattern: RegExp, when: "before" | "after", times = 1): Promise<void> {
    return new Promise((resolve) => {
      const rule: CutRule = {
        pattern,
        when,
        left: times,
        spend: () => {
          rule.left -= 1;
          if (rule.left > 0) return;
          this.#rules.splice(this.#rules.indexOf(rule), 1);
          resolve();
        },
      };
      this.#rules.push(rule);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.rst();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(client: Socket, target: ProxyTarget): void {
    this.#accepted += 1;
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ ...target, noDelay: true });
    const connection = new ProxiedConnection(client, server, this.#rules, () => this.#connections.delete(connection));
    this.#connections.add(connection);
    if (this.#swallowing) connection.pause();
  }

  #each(act: (connection: ProxiedConnection) => void): number {
    const hit = [...this.#connections];
    for (const connection of hit) act(connection);
    return hit.length;
  }
}
