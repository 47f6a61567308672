import { describe, expect, it } from "vitest";
import { foldStates } from "./fold-states.js";

describe("several stores for one task", () => {
  const row = (taskId: string, status: string): { readonly task_id: string; readonly status: string } => ({
    task_id: taskId,
    status,
  });

  it("leave the last one, or the first SUCCESS", () => {
    const rows = [
      row("a", "STARTED"),
      row("b", "SUCCESS"),
      row("a", "RETRY"),
      row("b", "FAILURE"),
      row("a", "FAILURE"),
    ];
    expect(foldStates(rows, ({ task_id, status }) => ({ taskId: task_id, status }))).toEqual([
      row("a", "FAILURE"),
      row("b", "SUCCESS"),
    ]);
  });
});
