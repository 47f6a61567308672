/**
 * How often a message was handed out before and came back as failed: `x-delivery-count` of quorum queues, 0 without it. Up to
 * RabbitMQ 4.2 everything that comes back counts; from 4.3 on what is returned with `basic.nack` does not, and
 * `x-acquired-count` counts it all. A classic queue does not count.
 */
export function countDeliveries(headers: Readonly<Record<string, unknown>> | undefined): number {
  const count = Number(headers?.["x-delivery-count"] ?? 0); // a bigint when it came as a long
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}
