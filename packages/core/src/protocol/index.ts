export type { Compression, Compressions } from "./compression.js";
export { compressWhenWorthwhile, createCompressions } from "./compression.js";
export type { DecodeBodyOptions } from "./decode-body.js";
export type { DecodeTaskOptions } from "./decode-task.js";
export { decodeTask } from "./decode-task.js";
export type { EncodeTaskOptions } from "./encode-task.js";
export { encodeTask } from "./encode-task.js";
export type { Envelope, EnvelopeInfo } from "./envelope.js";
export { decodeEnvelope, encodeEnvelope, markRedelivered } from "./envelope.js";
export type { ExceptionContext } from "./exception.js";
export { decodeException, encodeException } from "./exception.js";
export type { IsoTime } from "./iso-time.js";
export { formatIsoUtc, parseIsoTime } from "./iso-time.js";
export type { JsonOptions } from "./json.js";
export { decodeJson, encodeJson } from "./json.js";
export type { Message, MessageProperties } from "./message.js";
export { peekTask } from "./peek-task.js";
export type { ControlOptions, ControlReply, ControlRequest, ControlStamp, ReplyAddress } from "./pidbox.js";
export {
  decodeControlReply,
  decodeControlRequest,
  encodeControlReply,
  encodeControlRequest,
  matchesNode,
} from "./pidbox.js";
export { pythonRepr, pythonTupleRepr } from "./python-repr.js";
export { decodeGroupMeta, decodeResultMeta, encodeGroupMeta, encodeResultMeta } from "./result-codec.js";
export type { ResultCompression, ResultCompressionOptions } from "./result-compression.js";
export { COMPRESSED_RESULT_MARK, checkResultCompression, createResultCompression } from "./result-compression.js";
export { encodeResultMessage } from "./result-message.js";
export type {
  BuiltinState,
  ExtendedResult,
  ResultMeta,
  ResultRecord,
  TaskState,
  WireException,
} from "./result-meta.js";
export { isReady } from "./result-meta.js";
export type { Serializer, Serializers } from "./serializer.js";
export { createJsonSerializer, createSerializers, jsonSerializer } from "./serializer.js";
export { isTaskId } from "./task-headers.js";
export type { OutgoingTask, TaskRequest, TimeLimits } from "./task-request.js";
export { formatTraceback } from "./traceback.js";
export type { TypedValueCodec } from "./typed-codec.js";
export { DateTime, Decimal, PlainDate, PlainTime, Uuid } from "./typed-values.js";
export type { Embed, WireSignature } from "./wire-signature.js";
