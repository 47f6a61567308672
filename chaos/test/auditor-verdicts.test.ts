import { describe, expect, it } from "vitest";
import { failedVerdicts, LedgerStory } from "./ledger-story.js";

const second = { boot: "w2.1", pid: 200 };

describe("a sound run", () => {
  it("passes with late acks, a kill and a repeated task", () => {
    const story = new LedgerStory().plainLate("t0").accepted().claimed().started().killed().wait(4000);
    const judgement = story.claimed(second).started(second).ended("ok", second).acked(second).judge("late");
    expect(failedVerdicts(judgement)).toEqual([]);
    expect(judgement.figures).toMatchObject({ accepted: 2, duplicates: 1, duplicatesDirect: 1, lost: 0 });
    expect(judgement.figures.recovery).toMatchObject({ count: 1 });
    expect(judgement.figures.recovery.maxMs).toBeGreaterThan(4000);
  });

  it("passes with early ack", () => {
    const judgement = new LedgerStory().accepted().claimed().acked().started().ended("ok").judge("early");
    expect(judgement.ok).toBe(true);
  });
});

describe("lost", () => {
  it("is a task with late acks that never ended, killed or not", () => {
    expect(failedVerdicts(new LedgerStory().accepted().claimed().started().killed().judge("late"))).toEqual(["lost"]);
    expect(failedVerdicts(new LedgerStory().accepted().judge("late"))).toEqual(["lost"]);
  });

  it("is a task that asked for a retry which nobody ran", () => {
    const story = new LedgerStory().accepted().started().ended("retry").republished({ attempt: 1 }).acked();
    expect(failedVerdicts(story.judge("late"))).toEqual(["lost"]);
  });

  it("is not what waits in the dead-letter store", () => {
    const broker = { counts: {}, deadLetters: 1, deadLetterIds: new Set(["t1"]) };
    expect(new LedgerStory().accepted().judge("late", { broker }).ok).toBe(true);
  });

  it("is not what the broker refused", () => {
    const story = new LedgerStory().plainLate("t0").tell({ kind: "P" }).tell({ kind: "N" });
    expect(story.judge("late").ok).toBe(true);
  });

  it("is excused with early ack when the worker died in the run", () => {
    const judgement = new LedgerStory().accepted().claimed().acked().started().killed().judge("early");
    expect(judgement.ok).toBe(true);
    expect(judgement.figures).toMatchObject({ lost: 1, lostInRun: 1, lossBound: 1 });
  });

  it("is excused with early ack when the worker died between ack and start", () => {
    const judgement = new LedgerStory().accepted().claimed().ackAsked().killed().judge("early");
    expect(judgement.ok).toBe(true);
    expect(judgement.figures).toMatchObject({ lost: 1, lostBetweenAckAndStart: 1 });
  });

  it("is not excused with early ack when another worker died", () => {
    const story = new LedgerStory().accepted().claimed().acked().started().killed("w2.1");
    expect(failedVerdicts(story.judge("early"))).toEqual(["lost"]);
  });

  it("is not excused with early ack when the worker died before it asked for the ack", () => {
    const story = new LedgerStory().accepted().claimed().killed();
    expect(failedVerdicts(story.judge("early"))).toEqual(["lost"]);
  });

  it("is not excused with early ack when the retry was stored at the broker before the kill", () => {
    const story = new LedgerStory().accepted().claimed().acked().started().ended("retry");
    story.republished({ attempt: 1 }).wait(50).killed();
    expect(failedVerdicts(story.judge("early"))).toEqual(["lost"]);
  });
});

describe("unexplained duplicate", () => {
  const again = (story: LedgerStory): LedgerStory => story.started(second).ended("ok", second).acked(second);

  it("is a second start without any fault", () => {
    const story = again(new LedgerStory().accepted().started().ended("ok").acked());
    expect(failedVerdicts(story.judge("late"))).toEqual(["unexplained duplicate"]);
  });

  it("is a second start after a fault of another worker", () => {
    const story = again(new LedgerStory().accepted().started().killed("w3.1").ended("ok").acked());
    expect(failedVerdicts(story.judge("late"))).toEqual(["unexplained duplicate"]);
  });

  it("is a second start when the worker was killed after the ack", () => {
    const story = again(new LedgerStory().accepted().started().ended("ok").acked().killed());
    expect(failedVerdicts(story.judge("late"))).toEqual(["unexplained duplicate"]);
  });

  it("is a second start before the fault", () => {
    const story = new LedgerStory().accepted().started().started(second).killed().ended("ok", second).acked(second);
    expect(failedVerdicts(story.judge("late"))).toEqual(["unexplained duplicate"]);
  });

  it("is a third start after one fault", () => {
    const story = again(new LedgerStory().accepted().started().killed());
    story.started({ boot: "w3.1", pid: 300 });
    expect(failedVerdicts(story.judge("late"))).toEqual(["unexplained duplicate"]);
  });

  it("is every second start with early ack, killed or not", () => {
    const story = again(new LedgerStory().accepted().claimed().acked().started().killed());
    expect(failedVerdicts(story.judge("early"))).toEqual(["unexplained duplicate"]);
  });

  it("is not a retry that was sent again because the attempt before it was", () => {
    const story = new LedgerStory().accepted().started().ended("retry").republished({ attempt: 1 }).killed();
    const elsewhere = { ...second, attempt: 1 };
    story.started(elsewhere).ended("ok", elsewhere).acked(elsewhere);
    story
      .started(second)
      .ended("retry", second)
      .republished({ ...second, attempt: 1 })
      .acked(second);
    story.started(elsewhere).ended("ok", elsewhere).acked(elsewhere);
    const judgement = story.judge("late");
    expect(failedVerdicts(judgement)).toEqual([]);
    expect(judgement.figures).toMatchObject({ duplicates: 2, duplicatesDirect: 1, duplicatesInherited: 1 });
  });

  it("is not a task whose publish was cut off before the confirmation", () => {
    const story = new LedgerStory().tell({ kind: "P" }).allCut().tell({ kind: "K" });
    story.claimed().acked().started().ended("ok").claimed(second).acked(second).started(second).ended("ok", second);
    const judgement = story.judge("early");
    expect(failedVerdicts(judgement)).toEqual([]);
    expect(judgement.figures).toMatchObject({ duplicates: 1, duplicatesRepublished: 1 });
  });
});

describe("the other verdicts", () => {
  it("recovery: what a dead worker held came back too late", () => {
    const story = new LedgerStory().accepted().claimed().killed().wait(11_000);
    story.claimed(second).started(second).ended("ok", second).acked(second);
    expect(failedVerdicts(story.judge("late"))).toEqual(["recovery"]);
    expect(failedVerdicts(story.judge("late", { maxRecoveryMs: 12_000 }))).toEqual([]);
  });

  it("recovery: counts to the next claim, not to the start of a claimer that died too", () => {
    const story = new LedgerStory()
      .accepted()
      .claimed()
      .killed()
      .wait(6000)
      .claimed(second)
      .killed("w2.1", 2)
      .wait(6000);
    const third = { boot: "w3.1", pid: 300 };
    const judgement = story.claimed(third).started(third).ended("ok", third).acked(third).judge("late");
    expect(failedVerdicts(judgement)).toEqual([]);
    expect(judgement.figures.recovery.count).toBe(2);
    expect(judgement.figures.recovery.maxMs).toBeLessThan(6100);
  });

  it("recovery: does not count the time in the queue of what a worker put back after the death of a child", () => {
    const story = new LedgerStory().accepted().claimed().started().childKilled(100).returned({ pid: 99 }).wait(60_000);
    const judgement = story.claimed(second).started(second).ended("ok", second).acked(second).judge("late");
    expect(failedVerdicts(judgement)).toEqual([]);
    expect(judgement.figures.recovery).toMatchObject({ count: 1 });
  });

  it("ghost: a start that nobody published", () => {
    const story = new LedgerStory().plainLate("t0").started().ended("ok").acked();
    expect(failedVerdicts(story.judge("late"))).toEqual(["ghost"]);
  });

  it("early: a start before the ETA of the attempt", () => {
    const eta = new Date(60_000).toISOString();
    const story = new LedgerStory().tell({ kind: "P", extra: { eta } }).tell({ kind: "K" });
    story
      .started({ extra: { wall: 59_000 } })
      .ended("ok")
      .acked();
    expect(failedVerdicts(story.judge("late"))).toEqual(["early"]);
  });

  it("stuck: something left at the broker", () => {
    const broker = { counts: { unacked: 1 }, deadLetters: 0, deadLetterIds: new Set<string>() };
    expect(failedVerdicts(new LedgerStory().plainLate().judge("late", { broker }))).toEqual(["stuck"]);
  });

  it("results: absent with late acks, tolerated with early ack", () => {
    const results = new Map<string, string>();
    expect(failedVerdicts(new LedgerStory().plainLate().judge("late", { results }))).toEqual(["results"]);
    const early = new LedgerStory().accepted().claimed().acked().started().ended("ok").judge("early", { results });
    expect(early.ok).toBe(true);
    expect(early.figures.resultsMissing).toBe(1);
  });

  it("results: another state than the body's end", () => {
    const results = new Map([["t1", "FAILURE"]]);
    expect(failedVerdicts(new LedgerStory().plainLate().judge("late", { results }))).toEqual(["results"]);
  });

  it("one task per child kill: two bodies cut short in one child", () => {
    const story = new LedgerStory().accepted("t1").accepted("t2").started({ id: "t1" }).started({ id: "t2" });
    story.childKilled(100);
    for (const id of ["t1", "t2"])
      story
        .started({ ...second, id })
        .ended("ok", { ...second, id })
        .acked({ ...second, id });
    expect(failedVerdicts(story.judge("late"))).toEqual(["one task per child kill"]);
  });

  it("load and faults: nothing accepted, or too few faults", () => {
    expect(failedVerdicts(new LedgerStory().judge("late"))).toEqual(["load and faults"]);
    expect(failedVerdicts(new LedgerStory().plainLate().judge("late", { minFaults: 1 }))).toEqual(["load and faults"]);
  });

  it("ledger sound: a torn line, a fault without end, lines of another run", () => {
    const story = new LedgerStory().plainLate();
    const torn = { ledger: { entries: story.entries, malformed: ["S 12"] } };
    expect(failedVerdicts(story.judge("late", torn))).toEqual(["ledger sound"]);
    const foreign = story.entries.map((entry, index) => (index === 0 ? { ...entry, run: "other" } : entry));
    expect(failedVerdicts(story.judge("late", { ledger: { entries: foreign, malformed: [] } }))).toEqual([
      "ledger sound",
    ]);
    story.tell({ kind: "X", extra: { fault: 9, what: "cut", phase: "begin", everybody: true } });
    expect(failedVerdicts(story.judge("late"))).toEqual(["ledger sound"]);
  });
});

describe("a fault without an end", () => {
  it("excuses nothing", () => {
    const story = new LedgerStory().accepted().started();
    story.tell({ kind: "X", extra: { fault: 1, what: "cut", phase: "begin", everybody: true } });
    story.started(second).ended("ok", second).acked(second);
    expect(failedVerdicts(story.judge("late"))).toEqual(["ledger sound", "unexplained duplicate"]);
  });
});
