export const DAY_SECONDS = 86_400;

/** How long what a chord needs is kept, 0 for ever: results may expire within minutes, but a header may take hours. */
export function outliving(expirySeconds: number): number {
  return expirySeconds === 0 ? 0 : Math.max(expirySeconds, DAY_SECONDS);
}
