import { describe } from "vitest";
import { missingPeers } from "../src/requirements.js";
import type { TransportKind } from "../src/stage/transport.js";
import { RABBIT_KINDS } from "../src/stage/transport.js";

/** `pnpm interop --amqp`: RabbitMQ only, and every suite that can run there. */
const isRabbitOnly = process.env.CELERIAC_INTEROP_BROKER === "amqp";

/** A suite that needs Python and Redis: skipped with the reason in its name, a failure on CI. */
export function describePeers(name: string, body: () => void): void {
  if (!isRabbitOnly) describeOrSkip(name, missingPeers(), body);
}

/** The same suite on several transports. With RabbitMQ alone it runs there, whether listed or not. */
export function describeTransports(
  transports: readonly TransportKind[],
  name: string,
  body: (transport: TransportKind) => void,
): void {
  for (const transport of isRabbitOnly ? RABBIT_KINDS : transports) {
    describeOrSkip(`${name} on ${transport}`, missingPeers(transport), () => body(transport));
  }
}

function describeOrSkip(name: string, missing: string | undefined, body: () => void): void {
  if (missing === undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${missing})`, body);
}
