/**
 * Tracing: devices, callbacks and links that tell what passes through them, text, JSON
 * lines and Wireshark captures of it, recordings, and cards that replay them.
 *
 * @module
 */

export { describeAtr, describePps } from "./atr_reading.ts";
export { describeCommand, describeResponse } from "./apdu_words.ts";
export { traceCallbacks } from "./callbacks.ts";
export { BLANK } from "./command_scanner.ts";
export { traceDevice } from "./device.ts";
export type {
  CallDetail,
  CharactersDetail,
  CompletionDetail,
  ConfigureDetail,
  FailureDetail,
  PendingDetail,
  PowerOffDetail,
  RequestDetail,
  ResetDetail,
  TracedBytes,
  TraceDetail,
  TraceEvent,
  TraceFloor,
  TraceUnit,
} from "./events.ts";
export { jsonSink, TRACE_VERSION, traceLine } from "./json_sink.ts";
export { traceLink } from "./link.ts";
export { parseTrace, parseTraceLine } from "./parse_trace.ts";
export { pcapngSink, type PcapngSinkOptions } from "./pcapng_sink.ts";
export {
  type RecorderOptions,
  recordingOf,
  recordSession,
  SessionRecorder,
} from "./recorder.ts";
export {
  parseRecording,
  type RecordedExchange,
  type RecordedProtocol,
  type RecordedReset,
  type Recording,
  RECORDING_VERSION,
  recordingToJson,
} from "./recording.ts";
export {
  type ReplayedApplication,
  ReplayedCard,
  type ReplayMismatch,
  type ReplayOptions,
} from "./replay.ts";
export type { ReplayedCase } from "./replay_exchanges.ts";
export type { ReplayMode } from "./replay_player.ts";
export { describeStatus } from "./status_words.ts";
export { StreamOutput, type StreamOutputOptions } from "./stream_output.ts";
export { describeT1Block } from "./t1_words.ts";
export { describeEvent, textSink, type TextSinkOptions } from "./text_sink.ts";
export {
  type PinTreatment,
  Tracer,
  type TracerOptions,
  type TraceSink,
} from "./tracer.ts";
