/** What the ledger keeps of a publish that was not confirmed; the code tells whether the message may be stored all the same. */
export function refusal(error: unknown): { readonly error: string; readonly code?: string } {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return { error: String(error).slice(0, 300), ...(typeof code === "string" ? { code } : {}) };
}
