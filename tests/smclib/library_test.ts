// The routines around the dispatcher: life, conversion, locks, links.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import * as smclib from "../../src/smclib/mod.ts";
import { bareReader } from "./fake_reader.ts";

Deno.test("SmartcardInitialize checks the version and makes the buffers", () => {
  for (
    const [version, status] of [
      [0, smclib.STATUS_INVALID_PARAMETER],
      [0xFF, smclib.STATUS_INVALID_PARAMETER],
      [0x100, smclib.STATUS_SUCCESS],
      [0x150, smclib.STATUS_SUCCESS],
      [0x151, smclib.STATUS_INVALID_PARAMETER],
    ]
  ) {
    const ext = new smclib.SmartcardExtension();
    ext.version = version;
    assert.equal(smclib.SmartcardInitialize(ext), status);
    smclib.SmartcardExit(ext);
  }
  assert.equal(
    smclib.SmartcardInitialize(null),
    smclib.STATUS_INVALID_PARAMETER,
  );
});

for (
  const [asked, size] of [[0, 288], [288, 288], [1000, 1000], [66048, 66048]]
) {
  Deno.test(`bufferSize ${asked} becomes ${size}`, () => {
    const ext = new smclib.SmartcardExtension();
    ext.version = smclib.SMCLIB_VERSION;
    ext.smartcardRequest.bufferSize = asked;
    ext.smartcardReply.bufferSize = asked;
    assert.equal(smclib.SmartcardInitialize(ext), smclib.STATUS_SUCCESS);
    assert.equal(ext.smartcardRequest.bufferSize, size);
    assert.equal(ext.smartcardReply.bufferSize, size);
    assert.ok(ext.smartcardRequest.buffer.length >= size);
    assert.notEqual(ext.smartcardRequest.buffer, ext.smartcardReply.buffer);
    smclib.SmartcardExit(ext);
  });
}

Deno.test("a buffer beyond the machine's is STATUS_INSUFFICIENT_RESOURCES, and nothing is left behind", () => {
  const ext = new smclib.SmartcardExtension();
  ext.version = smclib.SMCLIB_VERSION;
  ext.smartcardReply.bufferSize = 66_049;
  assert.equal(
    smclib.SmartcardInitialize(ext),
    smclib.STATUS_INSUFFICIENT_RESOURCES,
  );
  assert.equal(ext.smartcardRequest.buffer.length, 0);
  assert.equal(ext.library.machine, null);
  assert.equal(ext.smartcardReply.bufferSize, 66_049);
});

Deno.test("a thousand readers can come and go", () => {
  for (let i = 0; i < 1000; i++) smclib.SmartcardExit(bareReader());
});

Deno.test("an extension starts zeroed", () => {
  const ext = new smclib.SmartcardExtension();
  assert.equal(ext.version, 0);
  assert.equal(ext.readerFunction.length, 16);
  assert.ok(ext.readerFunction.every((slot) => slot === null));
  assert.equal(ext.readerCapabilities.currentState, smclib.SCARD_UNKNOWN);
  assert.equal(ext.osData.currentIrp, null);
  assert.equal(ext.osData.notificationIrp, null);
});

Deno.test("SmartcardInitializeCardCapabilities forgets the card and leaves the state alone", () => {
  const ext = bareReader();
  ext.readerCapabilities.currentState = smclib.SCARD_SPECIFIC;
  ext.cardCapabilities.setAtr(fromHex("3B 90 96 10 00"));
  smclib.SmartcardUpdateCardCapabilities(ext);
  smclib.SmartcardInitializeCardCapabilities(ext);
  const card = ext.cardCapabilities;
  assert.equal(card.atr.length, 0);
  assert.ok(card.atr.buffer.every((byte) => byte === 0));
  assert.deepEqual([card.fl, card.dl, card.n, card.ii, card.p], [
    1,
    1,
    0,
    1,
    50,
  ]);
  assert.deepEqual([card.etu, card.gt, card.t0.wt], [0, 0, 0]);
  assert.equal(card.t0.wi, 10);
  assert.deepEqual(
    { ...card.t1 },
    { ifsc: 32, cwi: 13, bwi: 4, edc: 0, cwt: 0, bwt: 0, bgt: 0 },
  );
  assert.deepEqual(card.protocol, {
    supported: smclib.SCARD_PROTOCOL_RAW,
    selected: 0,
  });
  assert.equal(card.ptsData.type, smclib.PTS_TYPE_DEFAULT);
  assert.equal(card.clockRateConversion[9].f, 512);
  assert.equal(card.bitRateAdjustment[7].dNumerator, 64);
  assert.equal(ext.readerCapabilities.currentState, smclib.SCARD_SPECIFIC);
  assert.throws(() => card.setAtr(new Uint8Array(34)), RangeError);
});

Deno.test("SmartcardInvertData", () => {
  for (
    const [a, b] of [["03", "3F"], ["3B", "23"], ["00", "FF"], ["60", "F9"], [
      "90",
      "F6",
    ]]
  ) {
    const bytes = fromHex(a + b);
    smclib.SmartcardInvertData(bytes, 2);
    assert.equal(toHex(bytes), b + a);
    smclib.SmartcardInvertData(bytes, 1);
    assert.equal(toHex(bytes), a + a);
    smclib.SmartcardInvertData(bytes, 0);
    assert.equal(toHex(bytes), a + a);
  }
});

Deno.test("the remove lock lets nobody in once removal has begun, and waits for the others", async () => {
  const ext = bareReader();
  const lock = ext.osData.removeLock;
  assert.equal(smclib.SmartcardAcquireRemoveLock(ext), smclib.STATUS_SUCCESS);
  const tag = {};
  assert.equal(
    smclib.SmartcardAcquireRemoveLockWithTag(ext, tag),
    smclib.STATUS_SUCCESS,
  );
  smclib.SmartcardAcquireRemoveLockWithTag(ext, tag);
  assert.equal(lock.refCount, 4);
  let isGone = false;
  const gone = smclib.SmartcardReleaseRemoveLockAndWait(ext).then(() =>
    isGone = true
  );
  assert.equal(
    smclib.SmartcardAcquireRemoveLock(ext),
    smclib.STATUS_DELETE_PENDING,
  );
  assert.equal(lock.refCount, 2);
  smclib.SmartcardReleaseRemoveLockWithTag(ext, tag);
  await Promise.resolve();
  assert.equal(isGone, false);
  smclib.SmartcardReleaseRemoveLockWithTag(ext, tag);
  await gone;
  assert.equal(isGone, true);
  assert.equal(lock.tagList.size, 0);
});

Deno.test("releasing an unknown tag is a plain release, and an assertion in debug mode", () => {
  const ext = bareReader();
  smclib.SmartcardAcquireRemoveLockWithTag(ext, 1);
  smclib.SmartcardReleaseRemoveLockWithTag(ext, 2);
  assert.equal(ext.osData.removeLock.refCount, 1);
  const failures: string[] = [];
  smclib.startDebugMode({
    print: () => {},
    assert: (_, message) => failures.push(message),
  });
  try {
    smclib.SmartcardAcquireRemoveLockWithTag(ext, 1);
    smclib.SmartcardReleaseRemoveLockWithTag(ext, 3);
  } finally {
    smclib.stopDebugMode();
  }
  assert.equal(failures.length, 1);
});

Deno.test("links take the first free number", () => {
  const create = (device: string) =>
    smclib.SmartcardCreateLink({ linkName: "" }, device).linkName;
  assert.equal(create("\\Device\\A0"), "\\DosDevices\\SCReader0");
  assert.equal(create("\\Device\\B0"), "\\DosDevices\\SCReader1");
  smclib.SmartcardDeleteLink("\\DosDevices\\SCReader0");
  const name = { linkName: "" };
  assert.equal(
    smclib.SmartcardCreateLink(name, "\\Device\\C0").status,
    smclib.STATUS_SUCCESS,
  );
  assert.equal(name.linkName, "\\DosDevices\\SCReader0");
  assert.equal(smclib.resolveLink(name.linkName), "\\Device\\C0");
  assert.equal(
    smclib.SmartcardCreateLink(null, "x").status,
    smclib.STATUS_INVALID_PARAMETER_1,
  );
  assert.equal(
    smclib.SmartcardCreateLink(name, "").status,
    smclib.STATUS_INVALID_PARAMETER_2,
  );
  smclib.SmartcardDeleteLink("\\DosDevices\\SCReader0");
  smclib.SmartcardDeleteLink("\\DosDevices\\SCReader1");
  assert.equal(smclib.resolveLink("\\DosDevices\\SCReader1"), null);
});

Deno.test("a remove handler that is alone need not wait, with and without a tag", async () => {
  for (const tag of [undefined, 7, "request", {}]) {
    const ext = bareReader();
    const lock = ext.osData.removeLock;
    smclib.SmartcardAcquireRemoveLockWithTag(ext, tag);
    assert.deepEqual([lock.refCount, lock.tagList.get(tag)], [2, 1]);
    await smclib.SmartcardReleaseRemoveLockAndWait(ext, tag);
    assert.deepEqual([lock.refCount, lock.removed, lock.tagList.size], [
      0,
      true,
      0,
    ]);
    assert.equal(
      smclib.SmartcardAcquireRemoveLockWithTag(ext, tag),
      smclib.STATUS_DELETE_PENDING,
    );
    assert.equal(lock.refCount, 0);
  }
});

Deno.test("a remove handler that does not hold the lock is told in debug mode, and never left waiting", async () => {
  const failures: string[] = [];
  smclib.startDebugMode({
    print: () => {},
    assert: (_, message) => failures.push(message),
  });
  try {
    await smclib.SmartcardReleaseRemoveLockAndWait(bareReader());
  } finally {
    smclib.stopDebugMode();
  }
  assert.equal(failures.length, 1);
});

Deno.test("tags tell holders apart", () => {
  const ext = bareReader();
  const { tagList } = ext.osData.removeLock;
  const request = {};
  for (const tag of [1, 1, request, 2]) {
    smclib.SmartcardAcquireRemoveLockWithTag(ext, tag);
  }
  smclib.SmartcardAcquireRemoveLock(ext);
  assert.equal(ext.osData.removeLock.refCount, 6);
  smclib.SmartcardReleaseRemoveLockWithTag(ext, 1);
  smclib.SmartcardReleaseRemoveLockWithTag(ext, request);
  assert.deepEqual([...tagList], [[1, 1], [2, 1], [undefined, 1]]);
  smclib.SmartcardReleaseRemoveLock(ext);
  smclib.SmartcardReleaseRemoveLockWithTag(ext, 1);
  smclib.SmartcardReleaseRemoveLockWithTag(ext, 2);
  assert.deepEqual([...tagList], []);
  assert.equal(ext.osData.removeLock.refCount, 1);
});

Deno.test("links have no upper limit, and freeing an unknown name is no error", () => {
  const names = Array.from(
    { length: smclib.MAXIMUM_SMARTCARD_READERS + 3 },
    (_, n) => smclib.SmartcardCreateLink({ linkName: "" }, `\\Device\\R${n}`),
  );
  try {
    assert.deepEqual(
      names.map(({ linkName }) => linkName),
      names.map((_, n) => smclib.readerLinkName(n)),
    );
    assert.equal(
      smclib.resolveLink(smclib.readerLinkName(12)),
      "\\Device\\R12",
    );
    smclib.SmartcardDeleteLink("\\DosDevices\\SCReader99");
    smclib.SmartcardDeleteLink("");
    const failed = { linkName: "untouched" };
    assert.deepEqual(smclib.SmartcardCreateLink(failed, null), {
      status: smclib.STATUS_INVALID_PARAMETER_2,
      linkName: "",
    });
    assert.equal(failed.linkName, "untouched");
    assert.equal(
      smclib.SmartcardCreateLink(null, null).status,
      smclib.STATUS_INVALID_PARAMETER_1,
    );
  } finally {
    for (const { linkName } of names) smclib.SmartcardDeleteLink(linkName);
  }
});
