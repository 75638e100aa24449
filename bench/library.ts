/**
 * The driver library: requests through SmartcardDeviceControl, and what tracing costs.
 *
 * @module
 */

import {
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  Irp,
  SmartcardDeviceControl,
  type SmartcardExtension,
} from "../src/smclib/mod.ts";
import { AnsweringCard } from "./answering_card.ts";
import { dispatchReader, vendorRequest } from "./dispatch_reader.ts";
import { asynchronous, type Contender, synchronous } from "./harness.ts";
import { heapOf } from "./heap.ts";
import { ioctlTransmit, openHouse } from "./house.ts";
import { measureRows, type Report, type Work } from "./results.ts";
import { PlainDispatcher } from "./rivals/dispatch_plain.ts";
import { tracedContenders } from "./tracing.ts";

const GROUP = "driver library";
const CHILD = new URL("children/requests.ts", import.meta.url);
const PLAIN =
  "TypeScript, the usual way: async, a mutex of promises, a fresh answer each";
const ULONG_BYTES = 4;

/** Runs the bench. */
export async function benchLibrary(report: Report): Promise<void> {
  const plain = new PlainDispatcher((input) => {
    const output = input.slice();
    output[0]++;
    return output;
  });
  const input = new Uint8Array(8);
  const ext = dispatchReader();
  const work = (
    what: string,
    ours: Contender,
    rival: Contender | null,
  ): Work => ({
    group: GROUP,
    work: what,
    ours,
    rivals: rival === null ? [] : [{ contender: rival }],
    operations: 1,
  });
  const plainRequest = (code: number) =>
    asynchronous(PLAIN, () => plain.deviceControl(code, input, input.length));
  await measureRows(report, [
    work(
      "a request whose callback answers at once",
      vendorContender(ext),
      plainRequest(IOCTL_SMARTCARD_VENDOR_FIRST),
    ),
    work(
      "a request that the library serves alone (GET_STATE)",
      stateContender(ext),
      plainRequest(IOCTL_SMARTCARD_GET_STATE),
    ),
  ]);
  await reportAllocations(report);
  const { reader } = await openHouse("t1", new AnsweringCard("t1"));
  await measureRows(report, [
    work(
      "TRANSMIT of READ BINARY 32 by T=1 to a virtual card",
      synchronous(
        "IOCTL_SMARTCARD_TRANSMIT to the virtual reader",
        ioctlTransmit(reader, "t1"),
      ),
      null,
    ),
    ...(await tracedContenders()).map((contender) =>
      work(`the same, ${contender.name}`, contender, null)
    ),
  ]);
}

function vendorContender(ext: SmartcardExtension): Contender {
  const buffer = new Uint8Array(16);
  return synchronous("SmartcardDeviceControl", () => {
    if (SmartcardDeviceControl(ext, vendorRequest(buffer)) !== 0) {
      throw new Error("Cannot measure: the request failed");
    }
  });
}

function stateContender(ext: SmartcardExtension): Contender {
  const systemBuffer = new Uint8Array(ULONG_BYTES);
  return synchronous("SmartcardDeviceControl", () => {
    const irp = new Irp({
      ioControlCode: IOCTL_SMARTCARD_GET_STATE,
      systemBuffer,
      inputLength: 0,
      outputLength: ULONG_BYTES,
    });
    if (SmartcardDeviceControl(ext, irp) !== 0) {
      throw new Error("Cannot measure: the request failed");
    }
  });
}

async function reportAllocations(report: Report): Promise<void> {
  const { requests, usages: [{ allocated, left }] } = await heapOf<{
    requests: number;
    usages: { allocated: number; left: number }[];
  }>(CHILD);
  const amount = (what: string, bytes: number) =>
    report.amount({
      group: GROUP,
      work: `250 000 requests whose callback answers at once: ${what}`,
      name: "SmartcardDeviceControl, with the request object of each",
      bytes: Math.max(0, bytes),
      unit: "request",
      operations: requests,
      target: null,
    });
  amount("allocated", allocated);
  amount("left after a collection", left);
}
