import { describe, expect, it } from "vitest";
import { parseAddresses } from "./amqp-address.js";
import { connectFailure } from "./connect-failure.js";

const [address = expect.fail()] = parseAddresses("amqp://u:p@h/limit");
const closed = new Error("Expected ConnectionOpenOk; got <ConnectionClose channel:0>");

describe("connectFailure", () => {
  it.each([
    [530, "NOT_ALLOWED - vhost limit not found", /vhost limit not found\. Add it: rabbitmqctl add_vhost "limit"/],
    [530, "NOT_ALLOWED - access to vhost 'limit' refused for user 'u'", /set_permissions -p "limit" u/],
    [403, "ACCESS_REFUSED - access to vhost 'is down' refused for user 'u'", /set_permissions/],
  ])("is for good when the server says %i %s", (code, text, message) => {
    const failure = connectFailure(closed, address, { code, text });
    expect(failure).toMatchObject({ code: "BROKER_REFUSED", retryable: false });
    expect(failure.message).toMatch(/does not let user "u" into "limit": /);
    expect(failure.message).toMatch(message);
  });

  it.each([
    [530, "NOT_ALLOWED - access to vhost 'limit' refused for user 'u': connection limit (1) is reached"],
    [530, "NOT_ALLOWED - connection refused for user 'u': user connection limit (1) is reached"],
    [541, "INTERNAL_ERROR - access to vhost 'limit' refused for user 'u': vhost 'limit' is down"],
    [320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"],
  ])("passes when the server says %i %s", (code, text) => {
    const failure = connectFailure(closed, address, { code, text });
    expect(failure).toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    expect(failure.message).toContain(text.slice(text.indexOf(" - ") + 3));
  });

  it("passes when the server does not say why", () => {
    expect(connectFailure(closed, address)).toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
  });
});
