/** A claimed or parked file is `<number>~<name it waited under>`, so that it can be put back by anybody. */
export function claimName(number: number, messageName: string): string {
  return `${number}~${messageName}`;
}

/** The name the message waited under. */
export function waitingName(claimedName: string): string {
  return claimedName.slice(claimedName.indexOf("~") + 1);
}

/** The number in front: of the claim, or the epoch milliseconds at which a parked message is due. */
export function numberOf(claimedName: string): number {
  return Number.parseInt(claimedName, 10);
}
