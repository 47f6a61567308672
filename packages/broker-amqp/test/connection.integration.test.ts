import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startProxy } from "../../amqp-connection/test/cut-proxy.js";
import { api, ctl, hasRabbit, serverPort, urlOf } from "../../amqp-connection/test/rabbit.js";
import { eventually, idOf, type Lab, messageOf, openLab, queueOf, routeTo, take, takeOne } from "./amqp-lab.js";
import { createAuthority, hasOpenssl } from "./certificates.js";

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe.skipIf(!hasRabbit)("connecting to RabbitMQ", () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = await openLab();
  });
  afterEach(() => lab.close());

  const queue = queueOf("q");

  it.each([
    [
      "a wrong password",
      "guest:wrong",
      undefined,
      "BROKER_AUTH",
      /rejected the credentials of user "guest".*Check user and password/s,
    ],
    ["an unknown user", "nobody:x", undefined, "BROKER_AUTH", /user "nobody"/],
    [
      "a virtual host that is not there",
      "guest:guest",
      "no such place",
      "BROKER_REFUSED",
      /user "guest" into "no such place".*add_vhost "no such place"/s,
    ],
    [
      "a virtual host for others",
      "outsider:secret",
      undefined,
      "BROKER_REFUSED",
      /does not let user "outsider" in.*set_permissions -p .* outsider/s,
    ],
  ])("refuses %s at once, and says what is wrong", async (_what, credentials, vhost, code, text) => {
    await api("PUT", "users/outsider", { password: "secret", tags: "" });
    const broker = lab.broker({}, urlOf(vhost ?? lab.host.name, serverPort(), credentials));
    const startedAt = performance.now();
    for (const call of [() => broker.publish(messageOf("m"), routeTo(queue)), () => broker.queues.length("q")]) {
      const refused = call();
      await expect(refused).rejects.toMatchObject({ code, retryable: false });
      await expect(refused).rejects.toThrow(text);
      await expect(refused).rejects.not.toThrow(/secret|wrong:/);
    }
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it("waits for room while a virtual host has as many connections as it may", async () => {
    const broker = lab.broker();
    await broker.queues.declare(queue); // over one connection; publishing takes another
    await api("PUT", `vhost-limits/${lab.host.name}/max-connections`, { value: 1 });
    const late = broker.publish(messageOf("m0"), routeTo(queue), { timeoutMs: 2000 });
    await expect(late).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    await expect(late).rejects.toThrow(
      /does not let user "guest" into .* for now: .*connection limit \(1\) is reached/,
    );
    const waiting = broker.publish(messageOf("m1"), routeTo(queue));
    await api("DELETE", `vhost-limits/${lab.host.name}/max-connections`);
    await waiting;
  });

  it("says which permission is missing", async () => {
    await api("PUT", "users/reader", { password: "secret", tags: "" });
    await api("PUT", `permissions/${lab.host.name}/reader`, { configure: "", write: "", read: ".*" });
    await lab.broker().queues.declare(queue);
    const reader = lab.broker({}, urlOf(lab.host.name, serverPort(), "reader:secret"));
    await expect(reader.queues.declare(queueOf("new"))).rejects.toMatchObject({ code: "BROKER_AUTH" });
    const refused = reader.publish(messageOf("m"), { exchange: "", routingKey: "q" });
    await expect(refused).rejects.toMatchObject({ code: "BROKER_AUTH", retryable: false });
    await expect(refused).rejects.toThrow(/publish to exchange "(amq.default)?".*write permission/);
  });

  it("keeps its deadline while nobody listens, and connects when somebody does", async () => {
    const port = await freePort();
    const broker = lab.broker({}, urlOf(lab.host.name, port));
    const late = broker.publish(messageOf("m"), routeTo(queue), { timeoutMs: 300 });
    await expect(late).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    await expect(late).rejects.toThrow(/ECONNREFUSED/);
    const waiting = broker.publish(messageOf("m"), routeTo(queue));
    const proxy = createServer((client) => {
      const upstream = new (client.constructor as typeof import("node:net").Socket)();
      upstream.connect(serverPort(), "127.0.0.1");
      client.pipe(upstream).pipe(client);
      client.on("error", () => undefined);
      upstream.on("error", () => undefined);
    }).listen(port, "127.0.0.1");
    await waiting;
    await broker[Symbol.asyncDispose]();
    proxy.close();
  });

  it.each(["round-robin", "shuffle"] as const)(
    "goes on to the next of several servers, %s",
    async (failoverStrategy) => {
      const dead = await freePort();
      const proxy = await startProxy(serverPort());
      const { name } = lab.host;
      const url = `${urlOf(name, dead)};${urlOf(name, proxy.port)};${urlOf(name)}`;
      const broker = lab.broker({ failoverStrategy }, url);
      await broker.publish(messageOf("m0"), routeTo(queue));
      const consumer = await broker.consume({ queues: [queue], prefetch: 5 });
      expect(idOf(await takeOne(consumer))).toBe("m0");
      await proxy.stop();
      const again = (error: Error & { readonly retryable?: boolean }): boolean => {
        if (error.retryable !== true) throw error;
        return false; // it was on its way when the connection broke
      };
      await eventually(() => broker.publish(messageOf("m1"), routeTo(queue)).then(() => true, again));
    },
  );

  it("finds out by heartbeats that a connection is dead, and consumes over a new one", async () => {
    const proxy = await startProxy(serverPort());
    const broker = lab.broker({ heartbeat: 1 }, urlOf(lab.host.name, proxy.port));
    await broker.publish(messageOf("m0"), routeTo(queue));
    const consumer = await broker.consume({ queues: [queue], prefetch: 1 });
    await (await takeOne(consumer)).ack();
    proxy.blackhole();
    const startedAt = performance.now();
    await expect(take(consumer, 1)).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await consumer[Symbol.asyncDispose]();
    const again = await broker.consume({ queues: [queue], prefetch: 1 });
    await broker.publish(messageOf("m1"), routeTo(queue));
    expect(idOf(await takeOne(again))).toBe("m1");
    await broker[Symbol.asyncDispose]();
    await proxy.stop();
  });

  it("has one connection for consuming and one for publishing, each named", async () => {
    const broker = lab.broker({ clientName: "shop" });
    await broker.publish(messageOf("m0"), routeTo(queue));
    const consumer = await broker.consume({ queues: [queue], prefetch: 1 });
    await (await takeOne(consumer)).ack();
    const names = async (): Promise<readonly unknown[]> =>
      (await api("GET", `vhosts/${lab.host.name}/connections`)).map(
        (connection: { client_properties?: { connection_name?: string } }) =>
          connection.client_properties?.connection_name,
      );
    await eventually(async () => (await names()).length === 2);
    expect([...(await names())].sort()).toEqual(["shop consume", "shop publish"]);
    await broker[Symbol.asyncDispose]();
    await eventually(async () => (await names()).length === 0);
  });

  describe.skipIf(!hasOpenssl)("over TLS", () => {
    let folder: string;
    let port: number;
    let caFile: string;
    let client: { readonly certFile: string; readonly keyFile: string };

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "celeriac-tls-"));
      const authority = createAuthority(folder, "authority");
      const server = authority.issue("server", "IP:127.0.0.1");
      client = authority.issue("robot");
      caFile = authority.caFile;
      port = await freePort();
      const options = [
        `{cacertfile, "${caFile}"}`,
        `{certfile, "${server.certFile}"}`,
        `{keyfile, "${server.keyFile}"}`,
        "{verify, verify_peer}",
        "{fail_if_no_peer_cert, false}",
      ].join(", ");
      // EXTERNAL looks into the settings of the whole server for whether certificates are checked.
      const settings = "application:set_env(rabbit, ssl_options, [{verify, verify_peer}])";
      const listener = `rabbit_networking:start_ssl_listener({"127.0.0.1", ${port}}, [${options}], 2)`;
      await ctl("eval", `${settings}, ${listener}.`);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const tlsUrl = (host = "127.0.0.1"): string =>
      urlOf(lab.host.name, port).replace("amqp:", "amqps:").replace("127.0.0.1", host);

    it("trusts the authority it is given", async () => {
      const broker = lab.broker({ tls: { caFile } }, tlsUrl());
      await broker.publish(messageOf("m"), routeTo(queue));
      expect(await broker.queues.length("q")).toBe(1);
    });

    it.each([
      ["an unknown authority", {}, "127.0.0.1"],
      ["a certificate for another host", { ca: "given" }, "localhost"],
    ])("refuses %s", async (_what, tls, host) => {
      const broker = lab.broker({ tls: "ca" in tls ? { caFile } : {} }, tlsUrl(host));
      const refused = broker.publish(messageOf("m"), routeTo(queue));
      await expect(refused).rejects.toMatchObject({ code: "BROKER_AUTH", retryable: false });
      await expect(refused).rejects.toThrow(/certificate that is not trusted.*tls: \{ ca \}/);
    });

    it("says as well what is wrong with a virtual host", async () => {
      const url = urlOf("no such place", port).replace("amqp:", "amqps:");
      const refused = lab.broker({ tls: { caFile } }, url).queues.length("q");
      await expect(refused).rejects.toMatchObject({ code: "BROKER_REFUSED", retryable: false });
      await expect(refused).rejects.toThrow(/vhost no such place not found.*add_vhost/);
    });

    it("does not check what it is told not to check, and warns", async () => {
      const warnings: string[] = [];
      const onWarning = (message: string): unknown => warnings.push(message);
      const broker = lab.broker({ tls: { verify: false }, onWarning }, tlsUrl("localhost"));
      await broker.publish(messageOf("m"), routeTo(queue));
      expect(warnings).toEqual([expect.stringContaining("certificate is not checked")]);
    });

    it("logs in by its certificate alone with EXTERNAL", async () => {
      await api("PUT", "users/robot", { password: "never used", tags: "" });
      await api("PUT", `permissions/${lab.host.name}/robot`, { configure: ".*", write: ".*", read: ".*" });
      const broker = lab.broker({ loginMethod: "EXTERNAL", tls: { caFile, ...client } }, tlsUrl());
      await broker.publish(messageOf("m"), routeTo(queue));
      const without = lab.broker({ loginMethod: "EXTERNAL", tls: { caFile } }, tlsUrl());
      await expect(without.publish(messageOf("m"), routeTo(queue))).rejects.toMatchObject({ code: "BROKER_AUTH" });
    });

    it("says that a port speaks no TLS, or only TLS", async () => {
      const plainServer = lab.broker({}, urlOf(lab.host.name).replace("amqp:", "amqps:"));
      const refused = plainServer.publish(messageOf("m"), routeTo(queue));
      await expect(refused).rejects.toMatchObject({ code: "BROKER_REFUSED", retryable: false });
      await expect(refused).rejects.toThrow(/could not agree on TLS.*use amqp:\/\//);
      const plainClient = lab.broker({}, urlOf(lab.host.name, port));
      const late = plainClient.publish(messageOf("m"), routeTo(queue), { timeoutMs: 5000 });
      await expect(late).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
      await expect(late).rejects.toThrow(/If it is a TLS port, use amqps:/);
    });

    it("finds a wrong certificate file before it connects", async () => {
      const broker = lab.broker({ tls: { caFile: "/no/such/file" } }, tlsUrl());
      await expect(broker.publish(messageOf("m"), routeTo(queue))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    });
  });
});
