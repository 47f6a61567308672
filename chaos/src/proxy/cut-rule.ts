/** Resets the connection whose request matches. */
export interface CutRule {
  readonly pattern: RegExp;
  readonly when: "before" | "after";
  left: number;
  /** Called at each reset; takes the rule away when it is used up. */
  readonly spend: () => void;
}
