import { describe, expect, it, vi } from "vitest";
import type { SignatureSender } from "./signature.js";
import { createSignature } from "./signature.js";

const sender = (): SignatureSender<string> & { readonly mock: { readonly calls: unknown[][] } } => vi.fn(() => "sent");

describe("a signature", () => {
  it("is Celery's dictionary", () => {
    expect(createSignature({ task: "t", args: [1] }, sender()).toJSON()).toEqual({
      task: "t",
      args: [1],
      kwargs: {},
      options: {},
      subtask_type: null,
      immutable: false,
    });
  });

  it("never changes: each change is a new one", () => {
    const first = createSignature({ task: "t" }, sender());
    const second = first.set({ queue: "io", kwargs: { a: 1 } }).set({ queue: "cpu", countdown: "10s" });
    expect(first.options).toEqual({});
    expect(second.toJSON()).toMatchObject({ kwargs: { a: 1 }, options: { queue: "cpu", countdown: 10 } });
  });

  it("clone puts arguments in front and merges the rest", () => {
    const own = createSignature({ task: "t", args: [3], kwargs: { a: 1, b: 1 } }, sender());
    expect(own.clone([1, 2], { kwargs: { b: 2 }, priority: 5 }).toJSON()).toMatchObject({
      args: [1, 2, 3],
      kwargs: { a: 1, b: 2 },
      options: { priority: 5 },
    });
  });

  it("an immutable one takes options only", () => {
    const own = createSignature({ task: "t", args: [3], kwargs: { a: 1 }, immutable: true }, sender());
    expect(own.clone([1], { kwargs: { b: 2 }, priority: 5 }).toJSON()).toMatchObject({
      args: [3],
      kwargs: { a: 1 },
      options: { priority: 5 },
      immutable: true,
    });
  });

  it("links each callback once, whatever its arguments are", () => {
    const callback = createSignature({ task: "after", args: [2n ** 70n, new Uint8Array([1])] }, sender());
    const other = createSignature({ task: "after", args: [1n] }, sender());
    const linked = createSignature({ task: "t" }, sender()).link(callback).link([callback, other, other]);
    expect(linked.options.link).toEqual([callback.toJSON(), other.toJSON()]);
    expect(linked.onError(callback).options).toMatchObject({ link_error: [callback.toJSON()] });
  });

  it("keeps the single callback an older peer wrote without a list", () => {
    const old = { task: "old", args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false };
    const linked = createSignature({ task: "t", options: { link: old } }, sender()).link(old);
    expect(linked.options.link).toEqual([old]);
  });

  it("is sent by whoever made it", () => {
    const send = sender();
    const own = createSignature<readonly [number], number, string>({ task: "t", args: [2] }, send);
    expect(own.delay(1)).toBe("sent");
    expect(own.call([1], { priority: 3 })).toBe("sent");
    expect(send.mock.calls).toEqual([
      [own.toJSON(), [1], {}],
      [own.toJSON(), [1], { priority: 3 }],
    ]);
  });
});
