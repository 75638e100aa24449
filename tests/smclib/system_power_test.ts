// Before sleep the card is powered down in its turn; until the waking nothing reaches the driver; waking voids the session.

import assert from "node:assert/strict";
import {
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_GET_LAST_ERROR,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  type Irp,
  RDF_CARD_POWER,
  RDF_CARD_TRACKING,
  RDF_IOCTL_VENDOR,
  RDF_TRANSMIT,
  SCARD_ABSENT,
  SCARD_ATTR_VENDOR_NAME,
  SCARD_COLD_RESET,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T1,
  SCARD_SPECIFIC,
  SCARD_UNKNOWN,
  SmartcardCompleteCardTracking,
  SmartcardCompleteRequest,
  SmartcardDeviceControl,
  SmartcardExit,
  type SmartcardExtension,
  SmartcardInitialize,
  STATUS_CANCELLED,
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_POWERED_OFF,
  STATUS_DEVICE_REMOVED,
  STATUS_IO_TIMEOUT,
  STATUS_PENDING,
  STATUS_SUCCESS,
  systemSleep,
  systemWake,
} from "../../src/smclib/mod.ts";
import {
  control,
  deliveredUlong,
  makeIrp,
  pci,
  reset,
  ulong,
  workingReader,
} from "./fake_reader.ts";

/** A reader with a reset T=1 card that notes which callbacks run. */
function sleeper() {
  const ext = workingReader();
  reset(ext);
  const calls: string[] = [];
  ext.readerFunction.forEach((callback, slot) => {
    if (callback === null) return;
    ext.readerFunction[slot] = () => {
      calls.push(
        slot === RDF_CARD_POWER ? `power ${ext.minorIoControlCode}` : `${slot}`,
      );
      return callback(ext);
    };
  });
  return { ext, calls };
}

function transmitIrp(): Irp {
  return makeIrp(
    IOCTL_SMARTCARD_TRANSMIT,
    pci(SCARD_PROTOCOL_T1, "00A40000"),
    20,
  );
}

function everyRequest(): Irp[] {
  return [
    makeIrp(IOCTL_SMARTCARD_POWER, ulong(SCARD_COLD_RESET), 33),
    makeIrp(IOCTL_SMARTCARD_POWER, ulong(SCARD_POWER_DOWN)),
    makeIrp(IOCTL_SMARTCARD_GET_ATTRIBUTE, ulong(SCARD_ATTR_VENDOR_NAME), 32),
    makeIrp(IOCTL_SMARTCARD_SET_PROTOCOL, ulong(SCARD_PROTOCOL_T1), 4),
    transmitIrp(),
    makeIrp(IOCTL_SMARTCARD_EJECT),
    makeIrp(IOCTL_SMARTCARD_GET_STATE, ulong(0), 4),
    makeIrp(IOCTL_SMARTCARD_GET_LAST_ERROR, ulong(0), 4),
    makeIrp(IOCTL_SMARTCARD_IS_PRESENT),
    makeIrp(IOCTL_SMARTCARD_IS_ABSENT),
    makeIrp(IOCTL_SMARTCARD_VENDOR_FIRST),
    makeIrp(0x00310021),
  ];
}

function state(ext: SmartcardExtension): number {
  const irp = makeIrp(IOCTL_SMARTCARD_GET_STATE, new Uint8Array(0), 4);
  assert.equal(control(ext, irp), STATUS_SUCCESS);
  return deliveredUlong(irp);
}

/** Parks a tracking request that is not true yet. */
function park(ext: SmartcardExtension, code: number): Irp {
  const irp = makeIrp(code);
  assert.equal(SmartcardDeviceControl(ext, irp), STATUS_PENDING);
  return irp;
}

Deno.test("sleep powers a card down, and until the waking no request reaches a callback", () => {
  const { ext, calls } = sleeper();
  assert.equal(systemSleep(ext), undefined);
  assert.deepEqual(calls, [`power ${SCARD_POWER_DOWN}`]);
  for (const irp of everyRequest()) {
    assert.equal(control(ext, irp), STATUS_DEVICE_POWERED_OFF);
    assert.equal(irp.ioStatus.information, 0);
  }
  assert.equal(calls.length, 1);
  assert.equal(ext.osData.currentIrp, null);
  assert.equal(ext.osData.notificationIrp, null);
  systemWake(ext, true);
  assert.equal(state(ext), SCARD_PRESENT);
  reset(ext);
  assert.equal(control(ext, transmitIrp()), STATUS_SUCCESS);
});

Deno.test("sleep without a card calls nobody, and the reader is off all the same", () => {
  for (const before of [SCARD_UNKNOWN, SCARD_ABSENT]) {
    const { ext, calls } = sleeper();
    ext.readerCapabilities.currentState = before;
    assert.equal(systemSleep(ext), undefined);
    const irp = makeIrp(IOCTL_SMARTCARD_GET_STATE, ulong(0), 4);
    assert.equal(control(ext, irp), STATUS_DEVICE_POWERED_OFF);
    systemWake(ext, false);
    assert.equal(state(ext), SCARD_ABSENT);
    assert.deepEqual(calls, []);
  }
});

Deno.test("waking voids ATR and protocol", () => {
  for (const isCardIn of [true, false]) {
    const { ext } = sleeper();
    // Without its callback the power-down cannot do it.
    ext.readerFunction[RDF_CARD_POWER] = null;
    systemSleep(ext);
    assert.equal(ext.readerCapabilities.currentState, SCARD_SPECIFIC);
    systemWake(ext, isCardIn);
    const { atr, protocol } = ext.cardCapabilities;
    assert.equal(atr.length, 0);
    assert.deepEqual(protocol, { supported: SCARD_PROTOCOL_RAW, selected: 0 });
    assert.equal(state(ext), isCardIn ? SCARD_PRESENT : SCARD_ABSENT);
  }
});

for (
  const [hadCard, isCardIn, isCompleted] of [
    [true, true, true],
    [true, false, true],
    [false, true, true],
    [false, false, false],
  ]
) {
  const names = [hadCard ? "a card" : "no card", isCardIn ? "one" : "none"];
  Deno.test(`tracking over a sleep with ${names[0]} before and ${names[1]} after`, async () => {
    const { ext } = sleeper();
    if (!hadCard) ext.readerCapabilities.currentState = SCARD_ABSENT;
    const irp = park(
      ext,
      hadCard ? IOCTL_SMARTCARD_IS_ABSENT : IOCTL_SMARTCARD_IS_PRESENT,
    );
    systemSleep(ext);
    assert.equal(irp.isCompleted, false, "it stays parked");
    assert.equal(ext.osData.notificationIrp, irp);
    systemWake(ext, isCardIn);
    assert.equal(irp.isCompleted, isCompleted);
    if (isCompleted) assert.equal(await irp.completion, STATUS_SUCCESS);
    else assert.equal(ext.osData.notificationIrp, irp);
  });
}

Deno.test("what came before the sleep is served before it, what comes after finds the reader off", async () => {
  const { ext, calls } = sleeper();
  const answer = Promise.withResolvers<number>();
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => answer.promise;
  const running = SmartcardDeviceControl(
    ext,
    makeIrp(IOCTL_SMARTCARD_VENDOR_FIRST),
  );
  const before = SmartcardDeviceControl(ext, transmitIrp());
  const sleeping = systemSleep(ext);
  const after = SmartcardDeviceControl(ext, transmitIrp());
  assert.ok(sleeping instanceof Promise);
  assert.deepEqual(calls, []);
  answer.resolve(STATUS_SUCCESS);
  assert.equal(await running, STATUS_SUCCESS);
  assert.equal(await before, STATUS_SUCCESS);
  assert.equal(await after, STATUS_DEVICE_POWERED_OFF);
  await sleeping;
  assert.deepEqual(calls, [`${RDF_TRANSMIT}`, `power ${SCARD_POWER_DOWN}`]);
});

Deno.test("requests that arrive while the card is being powered down find the reader off", async () => {
  const { ext } = sleeper();
  const answer = Promise.withResolvers<number>();
  ext.readerFunction[RDF_CARD_POWER] = () => answer.promise;
  const sleeping = systemSleep(ext);
  const results = everyRequest().map((irp) => SmartcardDeviceControl(ext, irp));
  answer.resolve(STATUS_SUCCESS);
  for (const result of results) {
    assert.equal(await result, STATUS_DEVICE_POWERED_OFF);
  }
  await sleeping;
});

Deno.test("a power-down that fails or throws puts the reader off as well", async () => {
  for (
    const callback of [
      () => STATUS_IO_TIMEOUT,
      () => Promise.resolve(STATUS_IO_TIMEOUT),
      () => {
        throw new Error("broken");
      },
      () => Promise.reject(new Error("broken")),
    ]
  ) {
    const { ext } = sleeper();
    ext.readerFunction[RDF_CARD_POWER] = callback;
    await systemSleep(ext);
    assert.equal(control(ext, transmitIrp()), STATUS_DEVICE_POWERED_OFF);
    systemWake(ext, true);
    assert.equal(state(ext), SCARD_PRESENT);
  }
});

Deno.test("a power-down that pends is waited for", async () => {
  const { ext } = sleeper();
  ext.readerFunction[RDF_CARD_POWER] = () => STATUS_PENDING;
  const sleeping = systemSleep(ext);
  assert.ok(sleeping instanceof Promise);
  assert.equal(control(ext, transmitIrp()), STATUS_DEVICE_POWERED_OFF);
  SmartcardCompleteRequest(ext, STATUS_SUCCESS);
  await sleeping;
  assert.equal(control(ext, transmitIrp()), STATUS_DEVICE_POWERED_OFF);
});

Deno.test("a pending request does not hold up the sleep, and can end at any time", () => {
  for (const endsAsleep of [true, false]) {
    const { ext, calls } = sleeper();
    ext.readerFunction[RDF_IOCTL_VENDOR] = () => STATUS_PENDING;
    const pending = park(ext, IOCTL_SMARTCARD_VENDOR_FIRST);
    assert.equal(systemSleep(ext), undefined);
    assert.deepEqual(calls, [], "a busy reader takes no power-down");
    assert.equal(control(ext, transmitIrp()), STATUS_DEVICE_POWERED_OFF);
    assert.equal(pending.isCompleted, false);
    assert.equal(ext.osData.currentIrp, pending);
    if (endsAsleep) SmartcardCompleteRequest(ext, STATUS_IO_TIMEOUT);
    systemWake(ext, true);
    if (!endsAsleep) {
      assert.equal(control(ext, transmitIrp()), STATUS_DEVICE_BUSY);
      SmartcardCompleteRequest(ext, STATUS_IO_TIMEOUT);
    }
    assert.equal(pending.ioStatus.status, STATUS_IO_TIMEOUT);
    assert.equal(state(ext), SCARD_PRESENT);
  }
});

Deno.test("a second sleep waits for the first, and does not forget the card", async () => {
  const { ext, calls } = sleeper();
  const irp = park(ext, IOCTL_SMARTCARD_IS_ABSENT);
  const answer = Promise.withResolvers<number>();
  const powerDown = ext.readerFunction[RDF_CARD_POWER]!;
  ext.readerFunction[RDF_CARD_POWER] = () => {
    powerDown(ext);
    return answer.promise;
  };
  const first = systemSleep(ext);
  assert.equal(systemSleep(ext), first);
  answer.resolve(STATUS_SUCCESS);
  await first;
  await systemSleep(ext);
  ext.readerCapabilities.currentState = SCARD_ABSENT;
  await systemSleep(ext);
  assert.equal(calls.filter((call) => call.startsWith("power")).length, 1);
  systemWake(ext, false);
  assert.equal(irp.ioStatus.status, STATUS_SUCCESS);
});

Deno.test("a card that goes during the sleep ends tracking by itself, the reader stays off", () => {
  const { ext } = sleeper();
  const irp = park(ext, IOCTL_SMARTCARD_IS_ABSENT);
  systemSleep(ext);
  ext.readerCapabilities.currentState = SCARD_ABSENT;
  SmartcardCompleteCardTracking(ext);
  assert.equal(irp.ioStatus.status, STATUS_SUCCESS);
  const next = makeIrp(IOCTL_SMARTCARD_IS_PRESENT);
  assert.equal(control(ext, next), STATUS_DEVICE_POWERED_OFF);
  systemWake(ext, false);
  assert.equal(state(ext), SCARD_ABSENT);
  park(ext, IOCTL_SMARTCARD_IS_PRESENT);
});

Deno.test("a parked request can be cancelled during the sleep", async () => {
  const { ext } = sleeper();
  const controller = new AbortController();
  const irp = makeIrp(
    IOCTL_SMARTCARD_IS_ABSENT,
    new Uint8Array(0),
    0,
    controller.signal,
  );
  SmartcardDeviceControl(ext, irp);
  systemSleep(ext);
  controller.abort();
  assert.equal(await irp.completion, STATUS_CANCELLED);
  systemWake(ext, true);
});

Deno.test("waking withdraws a power-down that still queues", async () => {
  const { ext, calls } = sleeper();
  const answer = Promise.withResolvers<number>();
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => answer.promise;
  const running = SmartcardDeviceControl(
    ext,
    makeIrp(IOCTL_SMARTCARD_VENDOR_FIRST),
  );
  const sleeping = systemSleep(ext);
  systemWake(ext, true);
  await sleeping;
  answer.resolve(STATUS_SUCCESS);
  assert.equal(await running, STATUS_SUCCESS);
  assert.deepEqual(calls, []);
  assert.equal(state(ext), SCARD_PRESENT);
});

Deno.test("waking during the power-down callback puts the reader on", async () => {
  const { ext } = sleeper();
  const answer = Promise.withResolvers<number>();
  ext.readerFunction[RDF_CARD_POWER] = () => answer.promise;
  const sleeping = systemSleep(ext);
  systemWake(ext, true);
  const next = SmartcardDeviceControl(
    ext,
    makeIrp(IOCTL_SMARTCARD_GET_STATE, ulong(0), 4),
  );
  answer.resolve(STATUS_SUCCESS);
  await sleeping;
  assert.equal(await next, STATUS_SUCCESS);
});

Deno.test("waking without a sleep looks at the slot anew", () => {
  for (
    const [before, code, isCardIn, isCompleted] of [
      [SCARD_PRESENT, IOCTL_SMARTCARD_IS_ABSENT, true, true],
      [SCARD_PRESENT, IOCTL_SMARTCARD_IS_ABSENT, false, true],
      [SCARD_ABSENT, IOCTL_SMARTCARD_IS_PRESENT, true, true],
      [SCARD_ABSENT, IOCTL_SMARTCARD_IS_PRESENT, false, false],
    ] as const
  ) {
    const { ext } = sleeper();
    ext.readerCapabilities.currentState = before;
    const irp = park(ext, code);
    systemWake(ext, isCardIn);
    assert.equal(irp.isCompleted, isCompleted);
    assert.equal(state(ext), isCardIn ? SCARD_PRESENT : SCARD_ABSENT);
  }
  const { ext } = sleeper();
  ext.readerCapabilities.currentState = SCARD_UNKNOWN;
  systemWake(ext, true);
  assert.equal(state(ext), SCARD_PRESENT);
});

Deno.test("SmartcardExit while asleep or on the way to sleep", async () => {
  const asleep = sleeper().ext;
  const irp = park(asleep, IOCTL_SMARTCARD_IS_ABSENT);
  systemSleep(asleep);
  SmartcardExit(asleep);
  assert.equal(irp.ioStatus.status, STATUS_DEVICE_REMOVED);
  assert.equal(control(asleep, transmitIrp()), STATUS_DEVICE_REMOVED);
  systemWake(asleep, true);
  assert.equal(asleep.readerCapabilities.currentState, SCARD_PRESENT);
  assert.equal(systemSleep(asleep), undefined);

  const { ext } = sleeper();
  const answer = Promise.withResolvers<number>();
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => answer.promise;
  const running = SmartcardDeviceControl(
    ext,
    makeIrp(IOCTL_SMARTCARD_VENDOR_FIRST),
  );
  const sleeping = systemSleep(ext);
  SmartcardExit(ext);
  await sleeping;
  answer.resolve(STATUS_SUCCESS);
  assert.equal(await running, STATUS_DEVICE_REMOVED);
  // A reader that begins a new life is on.
  assert.equal(SmartcardInitialize(ext), STATUS_SUCCESS);
  ext.readerCapabilities.currentState = SCARD_ABSENT;
  assert.equal(state(ext), SCARD_ABSENT);
});

Deno.test("a reader can sleep and wake again and again", async () => {
  const { ext, calls } = sleeper();
  for (let round = 0; round < 3; round++) {
    await systemSleep(ext);
    assert.equal(control(ext, transmitIrp()), STATUS_DEVICE_POWERED_OFF);
    systemWake(ext, true);
    const irp = park(ext, IOCTL_SMARTCARD_IS_ABSENT);
    await systemSleep(ext);
    systemWake(ext, true);
    assert.equal(irp.ioStatus.status, STATUS_SUCCESS);
    reset(ext);
  }
  const downs = calls.filter((call) => call === `power ${SCARD_POWER_DOWN}`);
  assert.equal(downs.length, 6);
  assert.equal(
    calls.filter((call) => call === `${RDF_CARD_TRACKING}`).length,
    3,
  );
});
