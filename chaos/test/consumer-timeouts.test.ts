import { describe, expect, it } from "vitest";
import { parseConsumerTimeouts } from "../src/driver/parse-consumer-timeouts.js";

const LOG = `2026-11-21 02:06:16.680889+00:00 [warning] <0.634.0> Message store "628W/msg_store_persistent": rebuilding indices from scratch
2026-11-21 02:06:28.373575+00:00 [warning] <0.1307.0> Consumer 111 on channel 2 has timed out waiting for delivery acknowledgement. Timeout used: 3000 ms.
2026-11-21 02:06:28.374074+00:00 [error] <0.1307.0> Channel error on connection <0.1271.0> (127.0.0.1:41788 -> 127.0.0.1:34847, vhost: '/', user: 'guest'), channel 2:
2026-11-21 02:06:28.374074+00:00 [error] <0.1307.0> operation none caused a channel exception precondition_failed: delivery acknowledgement on channel 2 timed out. Timeout value used: 3000 ms.
2026-11-21 02:06:30.000000+00:00 [error] <0.1390.0> Channel error on connection <0.1272.0> (127.0.0.1:41790 -> 127.0.0.1:34847, vhost: '/', user: 'guest'), channel 3:
2026-11-21 02:06:30.000000+00:00 [error] <0.1390.0> operation queue.declare caused a channel exception precondition_failed: inequivalent arg 'durable'
2026-11-21 02:06:32.478123+00:00 [error] <0.1375.0> Channel error on connection <0.1271.0> (127.0.0.1:41788 -> 127.0.0.1:34847, vhost: '/', user: 'guest'), channel 2:
2026-11-21 02:06:32.478123+00:00 [error] <0.1375.0> operation none caused a channel exception precondition_failed: delivery acknowledgement on channel 2 timed out. Timeout value used: 3000 ms.
`;

describe("parseConsumerTimeouts", () => {
  it("finds when each struck, and on which connection; other channel errors are none", () => {
    expect(parseConsumerTimeouts(LOG)).toEqual([
      { atMs: Date.UTC(2026, 10, 21, 2, 6, 28, 374), port: 41788 },
      { atMs: Date.UTC(2026, 10, 21, 2, 6, 32, 478), port: 41788 },
    ]);
    expect(parseConsumerTimeouts("")).toEqual([]);
  });
});
