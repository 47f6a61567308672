import { describe, expect, it } from "vitest";
import { listBroker } from "../../test/support/list-broker.js";
import { mapBackend } from "../../test/support/map-backend.js";
import { BackendError } from "../errors/index.js";
import type { AdapterContext, BackendFactory, ReplyQueue, ResultBackend } from "../ports/index.js";
import { createApp } from "./create-app.js";

/** A backend that hears of results at `address`; `open` as given. */
function replyBackend(open: ReplyQueue["open"], address = "desk"): ResultBackend {
  return Object.assign(mapBackend(), { replies: { address, open } });
}

describe("sending with a backend that hears of results itself", () => {
  it("names its queue in reply_to, and publishes nothing before that is open", async () => {
    let opened = (): void => undefined;
    const calls: unknown[] = [];
    const open: ReplyQueue["open"] = (options) => {
      calls.push(options);
      return new Promise((resolve) => (opened = resolve));
    };
    const broker = listBroker();
    const app = createApp("test", { broker, backend: replyBackend(open), publishTimeout: 3 });
    expect(app.oid).toBe("desk");
    const sending = app.send("t");
    await new Promise(setImmediate);
    expect(broker.sent).toEqual([]);
    opened();
    await sending;
    expect(broker.sent).toMatchObject([{ message: { properties: { reply_to: "desk" } } }]);
    expect(calls).toEqual([{ timeoutMs: 3000 }]);
  });

  it("does not wait for a queue that is open", () => {
    const broker = listBroker();
    const publishing: string[] = [];
    const { publish } = broker;
    broker.publish = (...args) => {
      publishing.push("now");
      return publish(...args);
    };
    createApp("test", { broker, backend: replyBackend(() => undefined) }).send("t");
    expect(publishing).toEqual(["now"]); // in the same turn
  });

  it("opens nothing for a result that goes elsewhere, or nowhere", async () => {
    const open = (): never => {
      throw new Error("opened");
    };
    const broker = listBroker();
    const app = createApp("test", { broker, backend: replyBackend(open) });
    await app.send("t", [], { ignoreResult: true });
    await app.send("t", [], { replyTo: "somebody else" });
    expect(broker.sent.map(({ message }) => message.properties.reply_to)).toEqual(["desk", "somebody else"]);
  });

  it("sends nothing when the queue cannot be opened", async () => {
    const broker = listBroker();
    const refusal = new BackendError("no", { code: "BACKEND_REFUSED" });
    const app = createApp("test", { broker, backend: replyBackend(() => Promise.reject(refusal)) });
    await expect(app.send("t")).rejects.toBe(refusal);
    expect(broker.sent).toEqual([]);
  });

  it("tells one that a URL names its oid, and where the broker is", () => {
    const contexts: AdapterContext[] = [];
    const factory: BackendFactory = {
      role: "backend",
      schemes: ["rpc"],
      fromUrl: (_url, context) => {
        contexts.push(context);
        return mapBackend();
      },
    };
    const adapters = [factory];
    const app = createApp("test", {
      adapters,
      resultBackend: "rpc://",
      brokerUrl: ["amqp://a", "amqp://b"],
      brokerTransportOptions: { client_name: "x" },
      brokerHeartbeat: 9,
      resultPersistent: true,
    });
    expect(app.backend).toBeDefined();
    expect(contexts).toMatchObject([
      {
        replyTo: app.oid,
        resultPersistent: true,
        broker: {
          urls: ["amqp://a", "amqp://b"],
          transportOptions: { client_name: "x" },
          connection: { heartbeat: 9 },
        },
      },
    ]);
    expect(createApp("test", { adapters, resultBackend: "rpc://", broker: listBroker() }).backend).toBeDefined();
    expect(contexts[1]).not.toHaveProperty("broker");
  });
});
