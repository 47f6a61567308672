import { describe } from "vitest";
import { missingPeers } from "../src/requirements.js";
import type { TransportKind } from "../src/stage/transport-kinds.js";
import { usesRabbit } from "../src/stage/transport-kinds.js";

/** `pnpm interop --amqp`: RabbitMQ only, and every suite that can run there. */
const isRabbitOnly = process.env.CELERIAC_INTEROP_BROKER === "amqp";

/** `pnpm interop --quick`: every suite, but each on its first transports only. */
const isQuick = process.env.CELERIAC_INTEROP_QUICK === "true";

/** Where every suite can run on RabbitMQ. */
const RABBIT_KINDS: readonly TransportKind[] = ["amqp", "amqp-quorum"];

/** Transports that a quick run leaves out. */
export function thoroughly(...transports: readonly TransportKind[]): readonly TransportKind[] {
  return isQuick ? [] : transports;
}

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
  const listed = isRabbitOnly ? [...RABBIT_KINDS, ...transports.filter(usesRabbit)] : transports;
  for (const transport of new Set(listed)) {
    describeOrSkip(`${name} on ${transport}`, missingPeers(transport), () => body(transport));
  }
}

/** The same suite over several stores of results; with RabbitMQ alone only over those that go through it. */
export function describeStores(
  transports: readonly TransportKind[],
  name: string,
  body: (transport: TransportKind) => void,
): void {
  for (const transport of isRabbitOnly ? transports.filter(usesRabbit) : transports) {
    describeOrSkip(`${name} over ${transport}`, missingPeers(transport), () => body(transport));
  }
}

function describeOrSkip(name: string, missing: string | undefined, body: () => void): void {
  if (missing === undefined) describe(name, body);
  else describe.skip(`${name} (skipped: ${missing})`, body);
}
