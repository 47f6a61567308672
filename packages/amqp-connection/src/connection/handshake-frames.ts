import type { Readable } from "node:stream";

const FRAME_HEADER_BYTES = 7;
const METHOD_FRAME = 1;

/** The payloads of the method frames that come in while a connection is opened. Ends with the stream, rejects as it does. */
export async function* readFrames(stream: Readable): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < FRAME_HEADER_BYTES) break;
      const end = FRAME_HEADER_BYTES + rest.readUInt32BE(3);
      if (rest.length <= end) break; // one byte more ends the frame
      const payload = rest.subarray(FRAME_HEADER_BYTES, end);
      const isMethod = rest[0] === METHOD_FRAME;
      rest = rest.subarray(end + 1);
      if (isMethod) yield payload;
    }
  }
}
