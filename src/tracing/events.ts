/**
 * What a trace consists of: one event for each thing that passes a floor.
 *
 * @module
 */

import type { LinkSettings } from "../contact_reader/mod.ts";

/** Where an event happened: at the reader device, at the driver's callbacks, or on the wire. */
export type TraceFloor = "device" | "callback" | "link";

/** What the characters on a link are; "unknown" where the tracer came too late to tell. */
export type TraceUnit = "atr" | "pps" | "t0" | "t1" | "unknown";

/** Bytes of an event, and what they mean. */
export interface TracedBytes {
  /** A copy. PIN data are replaced by {@linkcode BLANK} unless the tracer shows them. */
  readonly bytes: Uint8Array;
  /** Whether bytes were replaced. */
  readonly blanked: boolean;
  /** What they mean; empty where nothing is known. */
  readonly words: string;
}

/** A request to the device, or a callback of the driver, begins. */
export interface RequestDetail extends TracedBytes {
  /** Kind of event. */
  readonly kind: "request";
  /** `IOCTL_SMARTCARD_*` on the device floor, `RDF_*` on the callback floor. */
  readonly name: string;
  /** The IOCTL code; for a callback the one it serves. */
  readonly code: number;
}

/** A request waits: `STATUS_PENDING`. Its completion comes later, with the same begin. */
export interface PendingDetail {
  /** Kind of event. */
  readonly kind: "pending";
  /** As in the request. */
  readonly name: string;
  /** As in the request. */
  readonly code: number;
}

/** A request has ended, or a callback has returned; the bytes are its output. */
export interface CompletionDetail extends TracedBytes {
  /** Kind of event. */
  readonly kind: "completion";
  /** As in the request. */
  readonly name: string;
  /** As in the request. */
  readonly code: number;
  /** The NTSTATUS. */
  readonly status: number;
  /** Its symbol. */
  readonly statusName: string;
}

/** A call threw or rejected instead of ending with a status. */
export interface FailureDetail {
  /** Kind of event. */
  readonly kind: "failure";
  /** What was called. */
  readonly name: string;
  /** What was thrown. */
  readonly message: string;
}

/** A call of the device that is no request begins ("call") or has returned ("return"). */
export interface CallDetail {
  /** Kind of event. */
  readonly kind: "call" | "return";
  /** Which call. */
  readonly name: "cleanup" | "sleep" | "wake";
}

/** The card is reset. */
export interface ResetDetail {
  /** Kind of event. */
  readonly kind: "reset";
  /** With power cut or kept. */
  readonly reset: "cold" | "warm";
}

/** The card's power is taken away. */
export interface PowerOffDetail {
  /** Kind of event. */
  readonly kind: "power-off";
}

/** The link takes over other settings. */
export interface ConfigureDetail {
  /** Kind of event. */
  readonly kind: "configure";
  /** The settings. */
  readonly settings: LinkSettings;
}

/**
 * Characters to the card ("sent"), or from it ("received"): a whole ATR, PPS or T=1
 * block at a time, whatever pieces the reader fetched it in. No bytes were received:
 * silence. Values are logical: those of an inverse-convention card are converted.
 */
export interface CharactersDetail extends TracedBytes {
  /** Kind of event. */
  readonly kind: "sent" | "received";
  /** What they are. */
  readonly unit: TraceUnit;
}

/** What happened. */
export type TraceDetail =
  | RequestDetail
  | PendingDetail
  | CompletionDetail
  | FailureDetail
  | CallDetail
  | ResetDetail
  | PowerOffDetail
  | ConfigureDetail
  | CharactersDetail;

/** One event of a trace. */
export interface TraceEvent {
  /** Running number of the tracer, from 1. */
  readonly number: number;
  /** The event that this one ends or answers; null where it begins something. */
  readonly begin: number | null;
  /** The tracer's clock, in microseconds; null when it has none. */
  readonly timeMicroseconds: number | null;
  /** Name of the reader. */
  readonly reader: string;
  /** Where. */
  readonly floor: TraceFloor;
  /** What. */
  readonly detail: TraceDetail;
}
