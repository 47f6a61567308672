/** How a task behaves: RELIABILITY 2.3. */
export type Behaviour = "quick" | "slow" | "raise" | "retry";

/** The same seed gives the same load. */
export function planLoad(tasks: number, random: () => number): readonly Behaviour[] {
  return Array.from({ length: tasks }, () => behaviourFor(random()));
}

/** 5 % raise, 5 % retry twice, 2 % are slow. */
export function behaviourFor(share: number): Behaviour {
  if (share < 0.05) return "raise";
  if (share < 0.1) return "retry";
  return share < 0.12 ? "slow" : "quick";
}

/** Ids tell the number of the task, which is what the planted fault goes by. */
export function taskId(run: string, number: number): string {
  return `${run}-${String(number).padStart(6, "0")}`;
}

/** Whether the planted fault drops this task: one in `every`, from the middle of each stretch. 0 drops none. */
export function isPlanted(id: string, every: number): boolean {
  const number = Number(id.slice(id.lastIndexOf("-") + 1));
  return every > 0 && number % every === Math.floor(every / 2);
}
