/**
 * Sends the request of a table row to a reader made for it, and compares what comes of it with the oracle.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readU32le, toHex, writeU32le } from "../../src/bytes.ts";
import {
  type Irp,
  SmartcardCompleteCardTracking,
  SmartcardCompleteRequest,
  SmartcardDeviceControl,
  SmartcardExit,
  type SmartcardExtension,
} from "../../src/smclib/mod.ts";
import {
  bestProtocol,
  isTracking,
  oracle,
  slotOf,
} from "./ioctl_table_oracle.ts";
import {
  answerWith,
  insertCard,
  requestOf,
  session,
  tableReader,
} from "./ioctl_table_reader.ts";
import {
  type Answer,
  type Call,
  describe,
  FILLER,
  NT,
  type Outcome,
  RAW,
  type Row,
} from "./ioctl_table.ts";

const GET_STATE = 0x00310038;
const PENDING_VENDOR_CODE = 0x00312FFC;

/** A run of a row: the reader, its request, and what its callbacks saw. */
class Run {
  readonly ext: SmartcardExtension;
  readonly irp: Irp;
  readonly calls: Call[] = [];
  readonly before: string;
  duringCallback = "";
  ptsType: number | undefined;
  #waiting: Irp | null = null;
  #pending: Irp | null = null;
  #isPreparing = true;

  constructor(readonly row: Row) {
    this.ext = tableReader(row.card.hasRaw);
    this.irp = requestOf(row.code, row.input, row.capacity);
    this.#fillSlots();
    this.#sendWhatIsOut();
    insertCard(this.ext, row);
    this.before = session(this.ext);
    this.#isPreparing = false;
  }

  #fillSlots(): void {
    const { ext, row } = this;
    const own = slotOf(row.code);
    for (let slot = 0; slot <= 8; slot++) {
      if (
        slot === own ? !row.isSlotFilled : own === null && !row.isSlotFilled
      ) continue;
      ext.readerFunction[slot] = () => this.#called(slot);
    }
    if (row.atrParse !== undefined) {
      ext.readerFunction[9] = () => this.#parsed(row.atrParse as Answer);
    }
    for (let slot = 10; slot < 16; slot++) {
      ext.readerFunction[slot] = () => this.#called(slot);
    }
  }

  #sendWhatIsOut(): void {
    const { ext, row } = this;
    const kept = ext.readerFunction.slice();
    const pending = () => NT.PENDING;
    if (row.out === "tracking") {
      ext.readerFunction[4] = pending;
      this.#waiting = requestOf(0x00310028, new Uint8Array(0), 0);
      assert.equal(SmartcardDeviceControl(ext, this.#waiting), NT.PENDING);
    } else if (row.out === "pending") {
      ext.readerFunction[8] = pending;
      this.#pending = requestOf(PENDING_VENDOR_CODE, new Uint8Array(0), 0);
      assert.equal(SmartcardDeviceControl(ext, this.#pending), NT.PENDING);
    }
    kept.forEach((callback, slot) => ext.readerFunction[slot] = callback);
  }

  #called(slot: number): number | Promise<number> {
    assert.ok(!this.#isPreparing, "a callback ran before the request");
    const { ext, irp, row } = this;
    this.duringCallback = session(ext);
    if (slot === 4) return this.#tracked();
    this.#note(slot);
    assert.equal(ext.osData.currentIrp, irp, "currentIrp is the request");
    this.ptsType = ext.cardCapabilities.ptsData.type;
    if (slot === 5) this.#tellProtocol();
    else ext.ioRequest.replyBuffer.fill(FILLER, 0, row.capacity);
    ext.ioRequest.information = row.answer.information;
    return answerWith(row.answer);
  }

  #tracked(): number | Promise<number> {
    const { ext, irp, calls } = this;
    calls.push({ slot: 4, major: null, minor: null });
    assert.equal(
      ext.osData.notificationIrp,
      irp,
      "notificationIrp is the request",
    );
    assert.notEqual(
      ext.osData.currentIrp,
      irp,
      "currentIrp is never a tracking request",
    );
    assert.notEqual(
      ext.ioRequest.requestBuffer,
      irp.systemBuffer,
      "ioRequest is left alone",
    );
    return answerWith(this.row.answer);
  }

  #parsed(answer: Answer): number | Promise<number> {
    this.#note(9);
    return answerWith(answer);
  }

  /** 8.1 step 3: what every callback but tracking finds. */
  #note(slot: number): void {
    const { ext, irp, row, calls } = this;
    calls.push({
      slot,
      major: ext.majorIoControlCode,
      minor: ext.minorIoControlCode,
    });
    const { ioRequest } = ext;
    assert.equal(ioRequest.information, 0, "information is 0 on entry");
    assert.equal(ioRequest.requestBufferLength, row.input.length);
    assert.equal(ioRequest.replyBufferLength, row.capacity);
    assert.equal(ioRequest.requestBuffer.buffer, ioRequest.replyBuffer.buffer);
    assert.equal(
      ioRequest.requestBuffer.byteOffset,
      irp.systemBuffer.byteOffset,
    );
    assert.equal(
      toHex(ioRequest.requestBuffer.subarray(0, row.input.length)),
      toHex(row.input),
      "requestBuffer is the input",
    );
  }

  #tellProtocol(): void {
    const { ext, row } = this;
    const best = bestProtocol(row);
    const { tells } = row.answer;
    if (tells === "both" || tells === "selected") {
      ext.cardCapabilities.protocol.selected = best;
    }
    if (tells === "both" || tells === "reply") {
      writeU32le(ext.ioRequest.replyBuffer, 0, best);
    }
    ext.readerCapabilities.currentState = 6;
  }

  async check(expected: Outcome): Promise<void> {
    const { ext, irp, row } = this;
    const returned = await SmartcardDeviceControl(ext, irp);
    assert.equal(hex(returned), hex(expected.status), "status");
    assert.deepEqual(this.calls, expected.calls, "callbacks called");
    if (expected.session === "kept") {
      assert.equal(session(ext), this.before, "the session is left alone");
    } else if (expected.session === "forgotten") {
      this.#checkForgotten();
    }
    if (expected.ptsType !== undefined) {
      assert.equal(this.ptsType, expected.ptsType, "ptsData.type");
    }
    if (expected.selected !== undefined) {
      assert.equal(
        ext.cardCapabilities.protocol.selected,
        expected.selected,
        "selected",
      );
    }
    if (expected.status === NT.PENDING) this.#endPending();
    else this.#checkCompleted(expected);
    if (
      !isTracking(row.code) && row.code !== 0x0031003C &&
      expected.status !== NT.PENDING
    ) {
      assert.equal(hex(ext.lastError), hex(expected.status), "lastError");
    }
    this.#checkOpen();
    SmartcardExit(ext);
  }

  #checkCompleted(expected: Outcome): void {
    const { ext, irp } = this;
    assert.ok(irp.isCompleted, "the request is completed");
    assert.equal(
      hex(irp.ioStatus.status),
      hex(expected.status),
      "status of the request",
    );
    assert.equal(irp.ioStatus.information, expected.information, "information");
    if (expected.bytes !== null) {
      assert.equal(
        toHex(irp.systemBuffer.subarray(0, expected.information)),
        toHex(expected.bytes),
        "bytes delivered",
      );
    }
    assert.equal(ext.osData.currentIrp, this.#pending, "currentIrp afterwards");
    assert.equal(
      ext.osData.notificationIrp,
      this.#waiting,
      "notificationIrp afterwards",
    );
  }

  /** 10.4, seen from within the callback: POWER forgets before it asks the driver. */
  #checkForgotten(): void {
    const seen = JSON.parse(this.duringCallback);
    const was = JSON.parse(this.before);
    assert.equal(
      seen.state,
      was.state,
      "the library leaves currentState to the driver",
    );
    assert.equal(seen.atr, "", "the ATR is forgotten");
    assert.deepEqual(
      seen.protocol,
      { supported: RAW, selected: 0 },
      "the protocol is forgotten",
    );
    assert.deepEqual(seen.machine, [0, 32, 200, 0, 0], "T=1 is forgotten");
    assert.equal(seen.ptsData.type, 0);
    assert.equal(
      session(this.ext),
      this.duringCallback,
      "and nothing comes back",
    );
  }

  #endPending(): void {
    const { ext, irp, row } = this;
    assert.ok(!irp.isCompleted, "a pending request is not completed");
    if (isTracking(row.code)) {
      assert.equal(ext.osData.notificationIrp, irp);
      SmartcardCompleteCardTracking(ext);
      assert.equal(ext.osData.notificationIrp, null);
    } else {
      assert.equal(ext.osData.currentIrp, irp);
      const busy = requestOf(GET_STATE, new Uint8Array(0), 4);
      assert.equal(SmartcardDeviceControl(ext, busy), NT.DEVICE_BUSY);
      SmartcardCompleteRequest(ext, NT.SUCCESS);
    }
    assert.ok(irp.isCompleted);
    assert.equal(irp.ioStatus.status, NT.SUCCESS);
  }

  /** Whatever happened, what was out can end and the gate is open. */
  #checkOpen(): void {
    const { ext } = this;
    if (this.#pending !== null) {
      assert.ok(!this.#pending.isCompleted);
      SmartcardCompleteRequest(ext, NT.SUCCESS);
      assert.equal(this.#pending.ioStatus.status, NT.SUCCESS);
    }
    if (this.#waiting !== null) {
      assert.ok(!this.#waiting.isCompleted);
      SmartcardCompleteCardTracking(ext);
      assert.equal(this.#waiting.ioStatus.status, NT.SUCCESS);
    }
    const next = requestOf(GET_STATE, new Uint8Array(0), 4);
    assert.equal(
      SmartcardDeviceControl(ext, next),
      NT.SUCCESS,
      "the gate is open",
    );
    assert.equal(
      readU32le(next.systemBuffer, 0),
      ext.readerCapabilities.currentState,
    );
  }
}

function hex(status: number): string {
  return `0x${status.toString(16).padStart(8, "0")}`;
}

/** Runs a row; a difference from the oracle is thrown with the row in its message. */
export async function runRow(row: Row): Promise<void> {
  try {
    await new Run(row).check(oracle(row));
  } catch (error) {
    throw new Error(`${describe(row)}\n${(error as Error).message}`, {
      cause: error,
    });
  }
}
