/** A claimed file is `<claim number>~<name it waited under>`, so that a claim can be undone by anybody. */
export function claimName(claimNumber: number, messageName: string): string {
  return `${claimNumber}~${messageName}`;
}

/** The name the message waited under. */
export function waitingName(claimedName: string): string {
  return claimedName.slice(claimedName.indexOf("~") + 1);
}
