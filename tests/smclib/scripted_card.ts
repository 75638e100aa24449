/**
 * A T=1 card that plays a script, and the loop of a driver around it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  RDF_TRANSMIT,
  SCARD_PROTOCOL_T1,
  type SmartcardExtension,
  SmartcardT1Reply,
  SmartcardT1Request,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_SUCCESS,
  statusName,
} from "../../src/smclib/mod.ts";
import {
  control,
  delivered,
  makeIrp,
  pci,
  reset,
  T1_ATR,
  workingReader,
} from "./fake_reader.ts";

/** NAD PCB LEN INF with its LRC. */
export function block(pcb: number, information = "", nad = 0): string {
  const body = Uint8Array.of(
    nad,
    pcb,
    information.length / 2,
    ...fromHex(information),
  );
  return toHex(body) + toHex(Uint8Array.of(body.reduce((a, b) => a ^ b, 0)));
}

/** S(IFS request 254). */
export const IFS_REQUEST = block(0xC1, "FE");
/** Its response. */
export const IFS_RESPONSE = block(0xE1, "FE");

/** One turn of the loop: what the reader is to send, and what the card answers ("" is silence). */
export type Turn = [
  sent: string,
  answer: string,
  check?: (ext: SmartcardExtension) => void,
];

/** A reader whose TRANSMIT callback plays a script. */
export function scripted(atr = T1_ATR, headerLength = 2) {
  const ext = workingReader(atr);
  let script: Turn[] = [];
  reset(ext);
  ext.readerFunction[RDF_TRANSMIT] = () => {
    for (;;) {
      ext.smartcardRequest.bufferLength = headerLength;
      const request = SmartcardT1Request(ext);
      if (request !== STATUS_SUCCESS) return request;
      const { buffer, bufferLength } = ext.smartcardRequest;
      const turn = script.shift();
      assert.ok(turn, "the reader goes on after the end of the script");
      assert.equal(toHex(buffer.subarray(headerLength, bufferLength)), turn[0]);
      const answer = fromHex(turn[1]);
      ext.smartcardReply.buffer.set(answer);
      ext.smartcardReply.bufferLength = answer.length;
      const reply = SmartcardT1Reply(ext);
      turn[2]?.(ext);
      if (reply !== STATUS_MORE_PROCESSING_REQUIRED) return reply;
    }
  };
  const transmit = (command: string, turns: Turn[], capacity = 600) => {
    script = turns;
    const irp = makeIrp(
      IOCTL_SMARTCARD_TRANSMIT,
      pci(SCARD_PROTOCOL_T1, command),
      capacity,
    );
    const status = control(ext, irp);
    assert.equal(script.length, 0, "the script is not played to its end");
    return { status: statusName(status), bytes: toHex(delivered(irp)) };
  };
  return { ext, transmit };
}

/** The outcome of a command answered 90 00. */
export const OK = { status: "STATUS_SUCCESS", bytes: "02000000080000009000" };
/** A command of five bytes. */
export const SELECT = "00A4040000";
