/**
 * What the machines answer besides events: each error with its name and a sentence.
 *
 * @module
 */

import {
  MACHINE_DONE as DONE,
  MACHINE_E_ABORTED,
  MACHINE_E_APDU,
  MACHINE_E_CLA,
  MACHINE_E_COMMAND_LENGTH,
  MACHINE_E_DEACTIVATE,
  MACHINE_E_INS,
  MACHINE_E_OUTCOME_UNKNOWN,
  MACHINE_E_OVERRUN,
  MACHINE_E_PROCEDURE_BYTE,
  MACHINE_E_RECEIVE_LENGTH,
  MACHINE_E_RESET_CARD,
  MACHINE_E_RESPONSE_LENGTH,
  MACHINE_E_STATE,
  MACHINE_E_TIMEOUT,
  MACHINE_E_TOO_MANY_NULLS,
  MACHINE_E_TOO_MANY_REQUESTS,
  MACHINE_E_TPDU,
  MACHINE_E_TPDU_RESPONSE,
  MACHINE_TRANSFER as TRANSFER,
} from "../../core-as/abi.ts";

/** The exchange is over, its response is there. */
export const MACHINE_DONE: number = DONE;
/** Send what `build` writes, receive, call `digest`. */
export const MACHINE_TRANSFER: number = TRANSFER;

/** The errors of the machines by name; all are negative. */
export const MACHINE_ERRORS = {
  /** Nothing is outstanding, or the call does not fit the state. */
  STATE: MACHINE_E_STATE,
  /** The command is empty or longer than an APDU can be. */
  COMMAND_LENGTH: MACHINE_E_COMMAND_LENGTH,
  /** No valid answer after all repetitions: reset the card (rules 6.4, 7.4.1). */
  RESET_CARD: MACHINE_E_RESET_CARD,
  /** The card aborted (rule 9); the session goes on. */
  ABORTED: MACHINE_E_ABORTED,
  /** The answer is longer than a response APDU can be; EMV: or has no SW1 SW2. */
  RESPONSE_LENGTH: MACHINE_E_RESPONSE_LENGTH,
  /** The card sent too many S-requests. */
  TOO_MANY_REQUESTS: MACHINE_E_TOO_MANY_REQUESTS,
  /** RESYNCH succeeded; whether the command was carried out is unknown. */
  OUTCOME_UNKNOWN: MACHINE_E_OUTCOME_UNKNOWN,
  /** T=0: silence. */
  TIMEOUT: MACHINE_E_TIMEOUT,
  /** T=0: an illegal procedure byte. */
  PROCEDURE_BYTE: MACHINE_E_PROCEDURE_BYTE,
  /** T=0: the card sent or asked for more than there is. */
  OVERRUN: MACHINE_E_OVERRUN,
  /** T=0: INS 6x or 9x. */
  INS: MACHINE_E_INS,
  /** T=0: CLA FF. */
  CLA: MACHINE_E_CLA,
  /** T=0: P3 and the length of the TPDU disagree. */
  TPDU: MACHINE_E_TPDU,
  /** T=0: too many NULL procedure bytes. */
  TOO_MANY_NULLS: MACHINE_E_TOO_MANY_NULLS,
  /** More bytes are said to have come than the buffer holds. */
  RECEIVE_LENGTH: MACHINE_E_RECEIVE_LENGTH,
  /** EMV: deactivate the card. */
  DEACTIVATE: MACHINE_E_DEACTIVATE,
  /** The command is no APDU. */
  APDU: MACHINE_E_APDU,
  /** APDU over T=0: the answer to a TPDU has no status, or too many data. */
  TPDU_RESPONSE: MACHINE_E_TPDU_RESPONSE,
} as const;

/** Name of an error of the machines. */
export type MachineErrorName = keyof typeof MACHINE_ERRORS;

const SENTENCES: Readonly<Record<MachineErrorName, string>> = {
  STATE: "nothing is outstanding, or the call does not fit the state",
  COMMAND_LENGTH: "the command is empty or longer than 65544 bytes",
  RESET_CARD:
    "the card gave no valid answer after all repetitions and has to be reset or deactivated",
  ABORTED: "the card aborted the chain; the session goes on",
  RESPONSE_LENGTH:
    "the card's answer is no response APDU: it is longer than 65538 bytes, or has no SW1 SW2",
  TOO_MANY_REQUESTS:
    "the card asked for more time, or for another block size, more often than allowed",
  OUTCOME_UNKNOWN:
    "the link was resynchronised; whether the command was carried out is unknown",
  TIMEOUT: "the card was silent where a character was due",
  PROCEDURE_BYTE:
    "the card sent a procedure byte that is neither NULL, ACK nor SW1",
  OVERRUN:
    "the card went on sending in the reader's turn, or asked for more than there is",
  INS: "INS is 6x or 9x, which T=0 takes for SW1",
  CLA: "CLA is FF, which is reserved for PPS",
  TPDU: "P3 does not fit the length of the TPDU",
  TOO_MANY_NULLS: "the card sent more NULL procedure bytes than allowed",
  RECEIVE_LENGTH: "more bytes are said to have come than the buffer holds",
  DEACTIVATE: "an EMV terminal has to deactivate the card now",
  APDU: "the command fits none of the seven cases of an APDU",
  TPDU_RESPONSE:
    "the answer to the TPDU has no SW1 SW2, or more data than were asked for",
};

function nameOf(code: number): MachineErrorName | undefined {
  const names = Object.keys(MACHINE_ERRORS) as MachineErrorName[];
  return names.find((name) => MACHINE_ERRORS[name] === code);
}

/** The name of a negative machine result, or "DONE" and "TRANSFER". */
export function machineErrorName(code: number): string {
  if (code === MACHINE_DONE) return "DONE";
  if (code === MACHINE_TRANSFER) return "TRANSFER";
  return nameOf(code) ?? `code ${code}`;
}

/** A machine result in a sentence without capital and full stop. */
export function describeMachineError(code: number): string {
  if (code === MACHINE_DONE) return "the exchange is over";
  if (code === MACHINE_TRANSFER) return "the exchange goes on";
  const name = nameOf(code);
  return name === undefined ? `unknown code ${code}` : SENTENCES[name];
}
