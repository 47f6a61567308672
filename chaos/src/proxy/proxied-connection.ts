import type { Socket } from "node:net";
import type { CutRule } from "./cut-rule.js";

/** A client's socket and the one opened to the server for it; when one ends, so does the other. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #rules: readonly CutRule[];
  #doomed: CutRule | undefined;

  constructor(client: Socket, server: Socket, rules: readonly CutRule[], onClose: () => void) {
    this.#client = client;
    this.#server = server;
    this.#rules = rules;
    client.on("data", (chunk) => this.#toServer(chunk));
    server.on("data", (chunk) => this.#toClient(chunk));
    client.on("drain", () => server.resume());
    server.on("drain", () => client.resume());
    client.on("end", () => server.end());
    server.on("end", () => client.end());
    for (const socket of [client, server]) {
      socket.on("error", () => undefined); // "close" follows and says enough
      socket.on("close", () => {
        client.destroy();
        server.destroy();
        onClose();
      });
    }
  }

  cut(): void {
    this.#client.end();
    this.#server.end();
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  pause(): void {
    this.#client.pause();
    this.#server.pause();
  }

  resume(): void {
    this.#client.resume();
    this.#server.resume();
  }

  #toServer(chunk: Buffer): void {
    const text = chunk.toString("latin1");
    const rule = this.#rules.find((candidate) => candidate.left > 0 && candidate.pattern.test(text));
    if (rule?.when === "before") {
      rule.spend();
      this.reset();
      return;
    }
    this.#doomed ??= rule;
    if (!this.#server.write(chunk)) this.#client.pause();
  }

  #toClient(chunk: Buffer): void {
    if (this.#doomed !== undefined) {
      this.#doomed.spend();
      this.reset();
      return;
    }
    if (!this.#client.write(chunk)) this.#server.pause();
  }
}
