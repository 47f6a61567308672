import { describe, expect, it } from "vitest";
import { ChordStory } from "./chord-story.js";
import { failedVerdicts } from "./ledger-story.js";

const second = { boot: "w2.1", pid: 200 };

describe("a sound chord", () => {
  it("passes, with a header, without one, and when it fails as it should", () => {
    for (const story of [new ChordStory(3), new ChordStory(0), new ChordStory(3, true), new ChordStory(1, true)]) {
      const judgement = story.header().finished().judge();
      expect(failedVerdicts(judgement)).toEqual([]);
      expect(judgement.figures.chords).toMatchObject({ accepted: 1, never: 0, twice: 0, wrongList: 0 });
    }
  });

  it("passes when a header task runs again with another result, and either is in the list", () => {
    for (const chosen of ["0:w1.1:100:0", "0:w2.1:200:9"]) {
      const story = new ChordStory(2).part(0, "0:w1.1:100:0");
      story.ledger.tell({ kind: "D", id: "p0", boot: "driver", extra: { what: "copy" } });
      story.part(0, "0:w2.1:200:9", second).part(1, "1:w1.1:100:1");
      const list = [chosen, "1:w1.1:100:1"];
      const judgement = story.stored("body").started("body", list).ended("body").judge();
      expect(failedVerdicts(judgement)).toEqual([]);
      expect(judgement.figures).toMatchObject({ duplicatesCopied: 1, chords: { contradictions: 1, copies: 1 } });
    }
  });

  it("passes when the body starts again because its own process was killed", () => {
    const story = new ChordStory(1).header().stored("body").started("body");
    story.ledger.killed();
    const judgement = story.started("body", undefined, second).ended("body", second).judge();
    expect(failedVerdicts(judgement)).toEqual([]);
    expect(judgement.figures.chords).toMatchObject({ explainedRepeats: 1 });
  });

  it("is not judged complete when the broker refused a part of it: its counters wait until they expire", () => {
    const story = new ChordStory(2).part(0, "0:w1.1:100:0");
    story.ledger.entries.splice(1, 1); // the confirmation
    expect(failedVerdicts(story.judge(["celery-taskset-meta-g7.s"]))).toEqual([]);
    const endless = story.judge(["celery-taskset-meta-g7.s never expires"]);
    expect(failedVerdicts(endless)).toEqual(["left in the store"]);
  });
});

describe("chord never", () => {
  it("is a body that never started, or never ended", () => {
    const silent = new ChordStory(1).header();
    expect(failedVerdicts(silent.judge())).toEqual(["chord never", "chord results"]);
    const cut = new ChordStory(1).header().stored("body").started("body");
    expect(failedVerdicts(cut.judge())).toContain("chord never");
  });

  it("is a failed chord whose errback never ran", () => {
    const story = new ChordStory(2, true).header();
    story.results.set("b7", { status: "FAILURE", value: { exc_type: "ChordError" } });
    expect(failedVerdicts(story.judge())).toEqual(["chord never"]);
  });
});

describe("chord twice", () => {
  it("is a second message of the body, though it may be started once only", () => {
    const story = new ChordStory(1).header().finished();
    story.ledger.tell({ kind: "B", id: "b7", boot: "driver", extra: { chord: 7, role: "body" } });
    expect(failedVerdicts(story.judge())).toEqual(["chord twice"]);
  });

  it("is a second start that no kill of the body explains, whatever befell the header", () => {
    const story = new ChordStory(1).header();
    story.ledger.killed();
    story.finished().started("body", undefined, second).ended("body", second);
    expect(failedVerdicts(story.judge())).toEqual(["unexplained duplicate", "chord twice"]);
  });

  it("is a second body under another id", () => {
    const story = new ChordStory(1).header().finished();
    story.ledger.accepted("b8");
    story.started("body", undefined, second, "b8").ended("body", second, "b8");
    expect(failedVerdicts(story.judge())).toEqual(["chord twice"]);
  });

  it("is a body that runs though the header failed", () => {
    const story = new ChordStory(1, true).header().finished();
    story.stored("body").started("body", ["0:w1.1:100:0"]).ended("body");
    expect(failedVerdicts(story.judge())).toContain("chord twice");
  });
});

describe("wrong list", () => {
  const values = ["0:w1.1:100:0", "1:w1.1:100:1"];
  const given = (list: readonly unknown[]): readonly string[] =>
    failedVerdicts(new ChordStory(2).header().stored("body").started("body", list).ended("body").judge());

  it.each([
    ["another order", [values[1], values[0]]],
    ["an entry too few", [values[0]]],
    ["an entry too many", [...values, values[1]]],
    ["one member twice", [values[0], values[0]]],
    ["a value that nobody returned", [values[0], "1:w9.9:1:1"]],
    ["a hole", [values[0], null]],
  ])("is %s", (_what, list) => {
    expect(given(list)).toContain("wrong list");
  });

  it("is not the right one", () => {
    expect(given(values)).toEqual([]);
  });

  it("is another list at the second start", () => {
    const story = new ChordStory(1).part(0, "0:w1.1:100:0");
    story.ledger.tell({ kind: "D", id: "p0", boot: "driver", extra: { what: "copy" } });
    story.part(0, "0:w2.1:200:9", second).stored("body").started("body", ["0:w1.1:100:0"]);
    story.ledger.killed();
    story.started("body", ["0:w2.1:200:9"], second).ended("body", second);
    expect(failedVerdicts(story.judge())).toEqual(["wrong list"]);
  });
});

describe("the other verdicts", () => {
  it("early body: before the last header task has ended", () => {
    const story = new ChordStory(2).part(0, "0:w1.1:100:0").stored("body");
    story.started("body", ["0:w1.1:100:0", "1:w1.1:100:1"]).part(1, "1:w1.1:100:1").ended("body");
    expect(failedVerdicts(story.judge())).toEqual(["early body"]);
  });

  it("one errback: a second one, or one though nothing failed", () => {
    const twice = new ChordStory(1, true).header().finished();
    twice.ledger.tell({ kind: "B", id: "e7", boot: "driver", extra: { chord: 7, role: "errback" } });
    expect(failedVerdicts(twice.judge())).toEqual(["one errback"]);
    const needless = new ChordStory(1).header().finished();
    needless.stored("errback").started("errback").ended("errback");
    expect(failedVerdicts(needless.judge())).toEqual(["one errback"]);
  });

  it("chord results: the store says something else", () => {
    const other = new ChordStory(1).header().finished();
    other.results.set("b7", { status: "SUCCESS", value: ["0:w9.9:1:1"] });
    expect(failedVerdicts(other.judge())).toEqual(["chord results"]);
    const failed = new ChordStory(1, true).header().finished();
    failed.results.set("b7", { status: "FAILURE", value: { exc_type: "Error" } });
    expect(failedVerdicts(failed.judge())).toEqual(["chord results"]);
  });

  it("left in the store: counters that nobody removed", () => {
    const judgement = new ChordStory(1).header().finished().judge(["celery-taskset-meta-g7.s"]);
    expect(failedVerdicts(judgement)).toEqual(["left in the store"]);
  });

  it("unexplained duplicate: a header task runs more often than copies and kills explain", () => {
    const story = new ChordStory(1).part(0, "0:w1.1:100:0").part(0, "0:w2.1:200:9", second).finished();
    expect(failedVerdicts(story.judge())).toEqual(["unexplained duplicate"]);
  });
});
