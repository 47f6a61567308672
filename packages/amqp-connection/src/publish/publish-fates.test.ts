import { describe, expect, it } from "vitest";
import { planFates, type Sent } from "./publish-fates.js";

const sent: readonly Sent[] = [
  { exchange: "", routingKey: "a", size: 10 },
  { exchange: "gone", routingKey: "b", size: 2000 },
  { exchange: "", routingKey: "c", size: 10 },
];

function refusal(code: number, text: string): Error {
  return Object.assign(new Error(`Channel closed by server: ${code} with message "${text}"`), { code });
}

describe("planFates", () => {
  it.each([
    [404, "NOT_FOUND - no exchange 'gone' in vhost '/'", "UNROUTABLE", /no exchange "gone"/],
    [
      403,
      "ACCESS_REFUSED - access to exchange 'gone' in vhost '/' refused for user 'u'",
      "BROKER_AUTH",
      /write permission/,
    ],
    [
      406,
      "PRECONDITION_FAILED - message size 2000 is larger than configured max size 1000",
      "BROKER_REFUSED",
      /2000 bytes.*1000 at most/,
    ],
  ])("blames the message that the server refused with %i", (code, text, errorCode, message) => {
    const [before, culprit, behind] = planFates(sent, refusal(code, text));
    expect(before).toMatchObject({ kind: "in-doubt", error: { code: "PUBLISH_UNCONFIRMED", retryable: true } });
    expect(culprit).toMatchObject({ kind: "refused", error: { code: errorCode, retryable: false } });
    expect(culprit).toHaveProperty("error.message", expect.stringMatching(message));
    expect(behind).toEqual({ kind: "unseen" });
  });

  it.each([
    ["the connection was lost", undefined],
    ["the server says something else", refusal(541, "INTERNAL_ERROR")],
    ["the refused message is none of these", refusal(404, "NOT_FOUND - no exchange 'other' in vhost '/'")],
  ])("leaves all in doubt when %s", (_name, reason) => {
    expect(planFates(sent, reason).map(({ kind }) => kind)).toEqual(["in-doubt", "in-doubt", "in-doubt"]);
  });
});
