/** The last `N` elements removed from a tuple, where `N` is the length of `Given`. */
export type DropLast<Args extends readonly unknown[], Given extends readonly unknown[]> = Given extends readonly [
  unknown,
  ...infer FewerGiven,
]
  ? Required<Args> extends readonly [...unknown[], unknown]
    ? DropLast<WithoutLast<Args>, FewerGiven>
    : Args
  : Args;

type WithoutLast<Args extends readonly unknown[]> = Args extends readonly [...infer Front, unknown]
  ? Front
  : Args extends readonly [...infer Front, unknown?]
    ? Front
    : Args;

/** The last elements of a tuple: what a partial signature may be given, since later arguments go before its own. */
export type Trailing<Args extends readonly unknown[]> = Args extends readonly []
  ? readonly []
  : number extends Args["length"]
    ? Args
    : Args extends readonly [unknown?, ...infer Rest]
      ? Args | Trailing<Rest>
      : Args;
