import { describe, expect, it } from "vitest";
import { memoryBackend } from "./memory-backend.js";

const DAY_MS = 86_400_000;

function partOf(index: number): Parameters<NonNullable<ReturnType<typeof memoryBackend>["chords"]>["addPart"]>[0] {
  return { groupId: "g", taskId: `t${index}`, groupIndex: index, status: "SUCCESS", result: "1", size: null };
}

describe("chords of the memory backend", () => {
  const at = (resultExpiresMs: number | null) => {
    const time = { ms: 1_000_000 };
    const clock = { now: () => time.ms, monotonic: () => time.ms, sleep: async () => undefined };
    const { chords } = memoryBackend({ resultExpiresMs, clock });
    if (chords === undefined) throw new Error("no chords");
    return { chords, time };
  };

  it("are kept for a day after the last completion, when results are kept for a minute", async () => {
    const { chords, time } = at(60_000);
    await chords.setSize("g", 3);
    await chords.addPart(partOf(0));
    time.ms += DAY_MS;
    await chords.addPart(partOf(1));
    time.ms += DAY_MS;
    expect((await chords.addPart(partOf(2))).kind).toBe("complete");
  });

  it("are forgotten after that, closed ones too", async () => {
    const { chords, time } = at(60_000);
    await chords.setSize("g", 1);
    await chords.setSize("other", 1);
    await chords.close("g");
    time.ms += DAY_MS + 1;
    expect((await chords.addPart({ ...partOf(0), size: 1 })).kind).toBe("complete");
    expect((await chords.addPart({ ...partOf(0), groupId: "other" })).kind).toBe("waiting");
  });

  it("are kept for ever when results are, but closed ones for a day", async () => {
    const { chords, time } = at(null);
    await chords.setSize("g", 1);
    await chords.close("other");
    time.ms += 100 * DAY_MS;
    expect((await chords.addPart(partOf(0))).kind).toBe("complete");
    expect((await chords.addPart({ ...partOf(0), groupId: "other", size: 1 })).kind).toBe("complete");
  });
});
