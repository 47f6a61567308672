import { describe, expect, it } from "vitest";
import { failedVerdicts, LedgerStory } from "./ledger-story.js";

const second = { boot: "w2.1", pid: 200 };
const driver = { boot: "driver", pid: 2 } as const;

function cut(story: LedgerStory): LedgerStory {
  const extra = { fault: 1, what: "close-connections", everybody: true, phase: "begin" };
  return story.tell({ kind: "X", ...driver, extra }).tell({ kind: "X", ...driver, extra: { fault: 1, phase: "end" } });
}

function alarm(story: LedgerStory, during: (story: LedgerStory) => void): LedgerStory {
  story.tell({ kind: "X", ...driver, extra: { fault: 1, what: "memory-alarm", phase: "begin" } }).wait(6000);
  during(story);
  return story.wait(6000).tell({ kind: "X", ...driver, extra: { fault: 1, phase: "end" } });
}

const nothing = (): void => undefined;

describe("resumption", () => {
  it("is measured from before a cut to the first start after it", () => {
    const judgement = cut(new LedgerStory().plainLate("t0")).wait(3000).plainLate("t1").judge("late");
    expect(failedVerdicts(judgement)).toEqual([]);
    expect(judgement.figures.resumption).toMatchObject({ count: 1 });
    expect(judgement.figures.resumption?.maxMs).toBeGreaterThan(3000);
  });

  it("fails when nothing began for five seconds", () => {
    const judgement = cut(new LedgerStory().plainLate("t0")).wait(5000).plainLate("t1").judge("late");
    expect(failedVerdicts(judgement)).toEqual(["resumption"]);
  });

  it("does not count a cut after which nothing was left to do", () => {
    const judgement = cut(new LedgerStory().plainLate("t0")).judge("late");
    expect(judgement.figures.resumption).toMatchObject({ count: 0 });
  });
});

describe("a memory alarm", () => {
  it("holds when nothing is confirmed during it, and something after it", () => {
    const story = alarm(new LedgerStory().plainLate("t0"), nothing).plainLate("t1");
    expect(failedVerdicts(story.judge("late"))).toEqual([]);
  });

  it("fails when messages are confirmed during it, or none after it", () => {
    const during = alarm(new LedgerStory(), (story) => story.plainLate("t0")).plainLate("t1");
    expect(failedVerdicts(during.judge("late"))).toEqual(["alarm"]);
    const never = alarm(new LedgerStory().plainLate("t0"), nothing);
    expect(failedVerdicts(never.judge("late"))).toEqual(["alarm"]);
  });

  /** A retry whose publish was refused with this code, and sent again after the alarm; it runs twice. */
  const retriedTwice = (code: string): LedgerStory => {
    const one = { attempt: 1 };
    const story = alarm(new LedgerStory().accepted().claimed().started().ended("retry"), (told) =>
      told.tell({ kind: "P", ...one }).tell({ kind: "N", ...one, extra: { code } }),
    );
    story.republished(one).acked().plainLate("t0");
    story.claimed(one).started(one).ended("ok", one).acked(one);
    return story
      .claimed({ ...one, ...second })
      .started({ ...one, ...second })
      .ended("ok", { ...one, ...second })
      .acked({ ...one, ...second });
  };

  it("explains a second run of what was sent again because nobody knew whether it is stored", () => {
    const judgement = retriedTwice("PUBLISH_UNCONFIRMED").judge("late");
    expect(failedVerdicts(judgement)).toEqual([]);
    expect(judgement.figures).toMatchObject({ duplicates: 1, duplicatesRepublished: 1 });
  });

  it("does not explain a second run of what was said not to be stored", () => {
    expect(failedVerdicts(retriedTwice("BROKER_REFUSED").judge("late"))).toEqual(["unexplained duplicate"]);
  });
});

describe("a message in a worker's hands when all connections are closed", () => {
  it("must not be begun there any more: somebody else runs it", () => {
    const story = cut(new LedgerStory().accepted().claimed())
      .claimed(second)
      .started(second)
      .started()
      .ended("ok")
      .ended("ok", second)
      .acked(second);
    expect(failedVerdicts(story.judge("late"))).toEqual(["unexplained duplicate", "begun though lost"]);
  });

  it("must not be begun there even when nobody else has run it before", () => {
    const story = cut(new LedgerStory().accepted().claimed()).started().ended("ok");
    expect(failedVerdicts(story.judge("late"))).toEqual(["begun though lost"]);
  });

  it("may be begun when it has come again, and when it stays the worker's as on Redis", () => {
    const again = cut(new LedgerStory().accepted().claimed()).claimed().started().ended("ok").acked();
    expect(failedVerdicts(again.judge("late"))).toEqual([]);
    const redis = new LedgerStory().accepted().claimed().allCut().started().ended("ok").acked();
    expect(failedVerdicts(redis.judge("late"))).toEqual([]);
  });
});

describe("a consumer timeout", () => {
  const timeout = (story: LedgerStory, boots: readonly string[] | undefined): LedgerStory => {
    const extra = { fault: 1, what: "consumer-timeout", ...(boots === undefined ? {} : { boots }) };
    return story
      .tell({ kind: "X", ...driver, extra: { ...extra, phase: "begin" } })
      .wait(500)
      .tell({ kind: "X", ...driver, extra: { ...extra, phase: "end" } });
  };
  /** Begun before or after its worker lost the channel, and by somebody else. */
  const running = (boots?: readonly string[]): LedgerStory =>
    timeout(new LedgerStory().accepted().claimed().started(), boots)
      .claimed(second)
      .started(second)
      .ended("ok")
      .ended("ok", second)
      .acked(second);
  const waiting = (): LedgerStory =>
    timeout(new LedgerStory().accepted().claimed(), ["w1.1"])
      .claimed(second)
      .started(second)
      .started()
      .ended("ok")
      .ended("ok", second)
      .acked(second);

  it("explains one more start of what was running in the worker that it struck", () => {
    const judgement = running(["w1.1"]).judge("late", { minFaults: 1 });
    expect(failedVerdicts(judgement)).toEqual([]);
    expect(judgement.figures).toMatchObject({ duplicates: 1, duplicatesDirect: 1, recovery: { count: 0 } });
  });

  it("explains no start of what waited behind it", () => {
    expect(failedVerdicts(waiting().judge("late"))).toEqual(["unexplained duplicate", "begun though lost"]);
  });

  it("explains nothing in another worker, or when nobody knows whose it was", () => {
    expect(failedVerdicts(running(["w3.1"]).judge("late"))).toEqual(["unexplained duplicate"]);
    expect(failedVerdicts(running().judge("late"))).toEqual(["unexplained duplicate"]);
  });

  it("explains one start only", () => {
    const story = running(["w1.1"]).claimed(second).started(second).ended("ok", second);
    expect(failedVerdicts(story.judge("late"))).toEqual(["unexplained duplicate"]);
  });
});
