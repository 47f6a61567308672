/** A reply of the server; an error inside a list stays a value. */
export type RespReply = string | number | null | Error | readonly RespReply[];

interface Parsed {
  readonly value: RespReply;
  readonly next: number;
}

const LINE_END = "\r\n";

/** Cuts replies out of a stream of bytes, however it is chunked. RESP2. */
export class RespReader {
  #buffer: Buffer = Buffer.alloc(0);

  /** Takes a chunk; returns the replies it completed. @throws Error for bytes that are no reply. */
  push(chunk: Buffer): readonly RespReply[] {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const replies: RespReply[] = [];
    let from = 0;
    for (;;) {
      const parsed = parse(this.#buffer, from);
      if (parsed === undefined) break;
      replies.push(parsed.value);
      from = parsed.next;
    }
    this.#buffer = this.#buffer.subarray(from);
    return replies;
  }
}

/** `undefined`: more bytes are needed. */
function parse(buffer: Buffer, from: number): Parsed | undefined {
  const end = buffer.indexOf(LINE_END, from);
  if (end === -1) return undefined;
  const kind = String.fromCharCode(buffer[from] ?? 0);
  const line = buffer.toString("utf8", from + 1, end);
  const next = end + LINE_END.length;
  switch (kind) {
    case "+":
      return { value: line, next };
    case "-":
      return { value: new Error(line), next };
    case ":":
      return { value: Number(line), next };
    case "$":
      return parseBulk(buffer, Number(line), next);
    case "*":
      return parseList(buffer, Number(line), next);
    default:
      throw new Error(`Not a Redis reply: ${JSON.stringify(kind + line.slice(0, 40))}`);
  }
}

function parseBulk(buffer: Buffer, length: number, from: number): Parsed | undefined {
  if (length < 0) return { value: null, next: from };
  const end = from + length;
  if (buffer.length < end + LINE_END.length) return undefined;
  return { value: buffer.toString("utf8", from, end), next: end + LINE_END.length };
}

function parseList(buffer: Buffer, length: number, from: number): Parsed | undefined {
  if (length < 0) return { value: null, next: from };
  const items: RespReply[] = [];
  let next = from;
  for (let index = 0; index < length; index += 1) {
    const item = parse(buffer, next);
    if (item === undefined) return undefined;
    items.push(item.value);
    next = item.next;
  }
  return { value: items, next };
}
