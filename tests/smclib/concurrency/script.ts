/**
 * What a callback does while it has a request, and what it answers, as data.
 *
 * @module
 */

import fc from "fast-check";
import {
  STATUS_BUFFER_OVERFLOW,
  STATUS_IO_TIMEOUT,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
  STATUS_TIMEOUT,
  STATUS_UNSUCCESSFUL,
  statusName,
} from "../../../src/smclib/mod.ts";
import { type RequestShape, shapeText, vendorShape } from "./shapes.ts";

/** The slot after a card event: what is in it, and how far the driver has brought it. */
export type Card =
  | "none"
  | "unknown"
  | "present"
  | "specific"
  | "negotiable"
  | "foreign";

/** One thing that a driver does, in a callback or in event code. */
export type DriverAct =
  | { readonly do: "wait" }
  | {
    readonly do: "complete" | "completeCarelessly";
    readonly status: number;
  }
  | {
    readonly do: "completeDirectly";
    readonly status: number;
    readonly information: number;
  }
  | { readonly do: "card"; readonly card: Card }
  | { readonly do: "endTracking"; readonly status: number }
  | { readonly do: "endTrackingDirectly"; readonly status: number }
  | { readonly do: "submit"; readonly shape: RequestShape }
  | { readonly do: "abort"; readonly handle: number }
  | { readonly do: "exit" };

/** What a callback gives back. */
export type Answer =
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "pending" }
  | { readonly kind: "failure" }
  | { readonly kind: "nonsense"; readonly value: unknown };

/** A callback's course. */
export interface Script {
  /** Done in this order; "wait" is an await whose end the test decides. */
  readonly acts: readonly DriverAct[];
  /** Whether the callback is an async function even if it waits for nothing. */
  readonly isAsync: boolean;
  /** Whether RDF_ATR_PARSE, where it comes first, waits too. */
  readonly isParseSlow: boolean;
  /** Left in `ioRequest.information`, sensible or not. */
  readonly information: number;
  /** The callback's result. */
  readonly answer: Answer;
  /** How a request that was left pending ends. */
  readonly ending: DriverAct;
}

/** Whether the callback of a script gives a promise. */
export function givesPromise(script: Script): boolean {
  return script.isAsync || script.acts.some((act) => act.do === "wait");
}

/** A final status of a driver. */
export const finalStatus: fc.Arbitrary<number> = fc.constantFrom(
  STATUS_SUCCESS,
  STATUS_NO_MEDIA,
  STATUS_IO_TIMEOUT,
  STATUS_BUFFER_OVERFLOW,
  STATUS_TIMEOUT,
  STATUS_UNSUCCESSFUL | 0,
);

/** Any card event. */
export const anyCard: fc.Arbitrary<Card> = fc.constantFrom(
  "specific",
  "none",
  "negotiable",
  "specific",
  "none",
  "present",
  "negotiable",
  "unknown",
  "foreign",
);

/** SmartcardCompleteRequest, or the request taken and completed by the driver itself. */
export const completion: fc.Arbitrary<DriverAct> = fc.oneof(
  fc.record({
    do: fc.constantFrom(
      "complete" as const,
      "complete" as const,
      "completeCarelessly" as const,
    ),
    status: finalStatus,
  }),
  fc.record({
    do: fc.constant("completeDirectly" as const),
    status: finalStatus,
    information: fc.constantFrom(0, 4),
  }),
);

/** The end of a parked request without a card event, through the library or taken by the driver. */
export const trackingEnd: fc.Arbitrary<DriverAct> = fc.record({
  do: fc.constantFrom("endTracking" as const, "endTrackingDirectly" as const),
  status: fc.constantFrom(STATUS_SUCCESS, STATUS_NO_MEDIA),
});

const act: fc.Arbitrary<DriverAct> = fc.oneof(
  { weight: 24, arbitrary: fc.constant({ do: "wait" } as const) },
  { weight: 6, arbitrary: completion },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("card" as const), card: anyCard }),
  },
  { weight: 2, arbitrary: trackingEnd },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("submit" as const),
      shape: vendorShape,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("abort" as const),
      handle: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "exit" } as const) },
);

const answer: fc.Arbitrary<Answer> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("status" as const),
      status: finalStatus,
    }),
  },
  { weight: 5, arbitrary: fc.constant({ kind: "pending" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "failure" } as const) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("nonsense" as const),
      value: fc.constantFrom<unknown>(
        undefined,
        STATUS_MORE_PROCESSING_REQUIRED,
        NaN,
        "0",
        null,
        {},
        true,
      ),
    }),
  },
);

/** Any course of a callback. */
export const anyScript: fc.Arbitrary<Script> = fc.record({
  acts: fc.oneof(
    { weight: 2, arbitrary: fc.constant<DriverAct[]>([]) },
    {
      weight: 5,
      arbitrary: fc.array(act, { minLength: 1, maxLength: 5, size: "max" }),
    },
  ),
  isAsync: fc.boolean(),
  isParseSlow: fc.boolean(),
  information: fc.constantFrom(0, 4, 8, 9, 65, 0xFFFFFFFF, -1, NaN, 1.5),
  answer,
  ending: completion,
});

/** A callback that answers at once; what a request has that a callback submits. */
export const PLAIN_SCRIPT: Script = {
  acts: [],
  isAsync: false,
  isParseSlow: false,
  information: 0,
  answer: { kind: "status", status: STATUS_SUCCESS },
  ending: { do: "complete", status: STATUS_SUCCESS },
};

/** An act as a word of a counterexample. */
export function actText(act: DriverAct): string {
  switch (act.do) {
    case "wait":
    case "exit":
      return act.do;
    case "card":
      return `card ${act.card}`;
    case "submit":
      return `submit ${shapeText(act.shape)}`;
    case "abort":
      return `abort handle ${act.handle}`;
    default:
      return `${act.do} ${statusName(act.status >>> 0)}`;
  }
}

/** A script as a line of a counterexample. */
export function scriptText(script: Script): string {
  const { answer } = script;
  const end = answer.kind === "status"
    ? statusName(answer.status >>> 0)
    : answer.kind === "pending"
    ? `pending, then ${actText(script.ending)}`
    : answer.kind === "failure"
    ? "failure"
    : `nonsense ${String(answer.value)}`;
  return `${script.isAsync ? "async " : ""}[${
    [...script.acts.map(actText), end].join("; ")
  }; information ${script.information}]`;
}
