// Whatever callbacks do and whenever they do it: no two overlap, every request ends exactly once, and the gate is free at the end.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  type Irp,
  RDF_CARD_TRACKING,
  RDF_IOCTL_VENDOR,
  SCARD_ABSENT,
  SCARD_PRESENT,
  SmartcardCompleteCardTracking,
  SmartcardCompleteRequest,
  SmartcardDeviceControl,
  SmartcardExit,
  STATUS_NO_MEDIA,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import { bareReader, makeIrp } from "./fake_reader.ts";

type Step =
  | { do: "request"; code: number; isCancellable: boolean }
  | { do: "abort"; which: number }
  | { do: "settle"; how: number }
  | { do: "complete" }
  | { do: "card" }
  | { do: "turn" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("request" as const),
    code: fc.constantFrom(
      IOCTL_SMARTCARD_VENDOR_FIRST,
      IOCTL_SMARTCARD_VENDOR_FIRST,
      IOCTL_SMARTCARD_IS_PRESENT,
      IOCTL_SMARTCARD_IS_ABSENT,
      IOCTL_SMARTCARD_GET_STATE,
    ),
    isCancellable: fc.boolean(),
  }),
  fc.record({ do: fc.constant("abort" as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant("settle" as const), how: fc.nat(4) }),
  fc.record({ do: fc.constant("complete" as const) }),
  fc.record({ do: fc.constant("card" as const) }),
  fc.record({ do: fc.constant("turn" as const) }),
);

async function play(steps: readonly Step[]): Promise<void> {
  const ext = bareReader();
  let running = 0;
  let open: PromiseWithResolvers<number> | null = null;
  const callback = () => {
    assert.equal(++running, 1, "callbacks overlap");
    open = Promise.withResolvers<number>();
    return open.promise.finally(() => {
      running--;
      open = null;
    });
  };
  ext.readerFunction[RDF_IOCTL_VENDOR] = callback;
  ext.readerFunction[RDF_CARD_TRACKING] = callback;
  const irps: Irp[] = [];
  const controllers: AbortController[] = [];
  const results: (number | Promise<number>)[] = [];
  const settleWith = (how: number) => {
    if (how === 0) open?.reject(new Error("broken"));
    else {
      open?.resolve(
        [STATUS_PENDING, STATUS_SUCCESS, STATUS_NO_MEDIA, STATUS_PENDING][
          how - 1
        ],
      );
    }
  };
  const toggleCard = () => {
    const reader = ext.readerCapabilities;
    reader.currentState = reader.currentState === SCARD_ABSENT
      ? SCARD_PRESENT
      : SCARD_ABSENT;
    SmartcardCompleteCardTracking(ext);
  };
  for (const one of steps) {
    switch (one.do) {
      case "request": {
        const controller = new AbortController();
        const irp = makeIrp(
          one.code,
          new Uint8Array(0),
          4,
          one.isCancellable ? controller.signal : undefined,
        );
        irps.push(irp);
        controllers.push(controller);
        results.push(SmartcardDeviceControl(ext, irp));
        break;
      }
      case "abort":
        controllers[one.which]?.abort();
        break;
      case "settle":
        settleWith(one.how);
        break;
      case "complete":
        SmartcardCompleteRequest(ext, STATUS_SUCCESS);
        break;
      case "card":
        toggleCard();
        break;
      case "turn":
        for (let i = 0; i < 5; i++) await Promise.resolve();
    }
  }
  SmartcardExit(ext);
  for (let i = 0; i < 20; i++) {
    settleWith(2);
    await Promise.resolve();
  }
  const statuses = await Promise.all(results);
  statuses.forEach((status, i) => {
    assert.equal(irps[i].isCompleted, true);
    if (status !== STATUS_PENDING) {
      assert.equal(status, irps[i].ioStatus.status);
    }
  });
  assert.equal(ext.osData.mutex.isHeld, false);
  assert.equal(ext.osData.mutex.waiting, 0);
  assert.equal(ext.osData.currentIrp, null);
  assert.equal(ext.osData.notificationIrp, null);
  assert.equal(ext.smartcardReply.buffer.length, 0);
}

Deno.test("law of the dispatcher", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), play),
    { seed: 7816, numRuns: 300 },
  );
});
