/**
 * Every control code against every reader state, callback slot and buffer: what smclib.md 7 and 8 say comes out.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readU32le } from "../../src/bytes.ts";
import {
  SmartcardCompleteCardTracking,
  SmartcardCompleteRequest,
  SmartcardDeviceControl,
  SmartcardExit,
  SmartcardExtension,
} from "../../src/smclib/mod.ts";
import { FAMILIES, type Family, rowsOf } from "./ioctl_table_rows.ts";
import { requestOf, tableReader } from "./ioctl_table_reader.ts";
import { runRow } from "./ioctl_table_run.ts";
import { NT, type Row, STATES, word } from "./ioctl_table.ts";

const MAXIMUM_MESSAGES = 12;

function classOf(row: Row): string {
  return [row.code, row.state, row.isSlotFilled, row.buffer].join(" ");
}

/** Every class of a family that no row belongs to. */
function missingClasses(family: Family, rows: readonly Row[]): string[] {
  const present = new Set(rows.map(classOf));
  return family.codes.flatMap((code) =>
    STATES.flatMap((state) =>
      [true, false].flatMap((isSlotFilled) =>
        family.buffers
          .map(({ label }) => [code, state, isSlotFilled, label].join(" "))
          .filter((name) => !present.has(name))
      )
    )
  );
}

for (const family of FAMILIES) {
  Deno.test(`IOCTL table: ${family.name}`, async () => {
    const rows = rowsOf(family);
    assert.deepEqual(missingClasses(family, rows), []);
    assert.equal(
      new Set(family.buffers.map(({ label }) => label)).size,
      family.buffers.length,
      "every class of buffers has a name of its own",
    );
    const failures: string[] = [];
    for (const row of rows) {
      await runRow(row).catch((error: Error) => failures.push(error.message));
    }
    assert.equal(
      failures.length,
      0,
      `${failures.length} of ${rows.length} rows differ:\n${
        failures.slice(0, MAXIMUM_MESSAGES).join("\n\n")
      }`,
    );
  });
}

const ALL_CODES = FAMILIES.flatMap(({ codes }) => codes);
const DEVICE_REMOVED = 0xC00002B6;

/** A good request of any kind: the input is a ULONG, the capacity is ample. */
function anyRequest(code: number) {
  return requestOf(code, word(1), 64);
}

function forbidCallbacks(ext: SmartcardExtension): void {
  ext.readerFunction.fill(() => {
    throw new Error("A callback was called");
  });
}

Deno.test("IOCTL table: a foreign version is STATUS_INVALID_PARAMETER for every code", () => {
  for (const version of [0, 1, 0xFF, 0x151, 0x200, 0xFFFFFFFF]) {
    const ext = tableReader(true);
    forbidCallbacks(ext);
    ext.version = version;
    for (const code of ALL_CODES) {
      const irp = anyRequest(code);
      assert.equal(SmartcardDeviceControl(ext, irp), NT.INVALID_PARAMETER);
      assert.equal(irp.ioStatus.status, NT.INVALID_PARAMETER);
      assert.equal(ext.osData.currentIrp, null);
      assert.equal(ext.osData.notificationIrp, null);
    }
    SmartcardExit(ext);
  }
  for (const version of [0x100, 0x120, 0x14F, 0x150]) {
    const ext = tableReader(true);
    ext.version = version;
    const irp = requestOf(0x00310038, new Uint8Array(0), 4);
    assert.equal(SmartcardDeviceControl(ext, irp), NT.SUCCESS);
    SmartcardExit(ext);
  }
});

Deno.test("IOCTL table: before SmartcardInitialize and after SmartcardExit every code ends at once", () => {
  const early = new SmartcardExtension();
  early.version = 0x150;
  const late = tableReader(true);
  SmartcardExit(late);
  for (const ext of [early, late]) {
    forbidCallbacks(ext);
    for (const state of STATES) {
      ext.readerCapabilities.currentState = state;
      for (const code of ALL_CODES) {
        const irp = anyRequest(code);
        const expected = ext === late
          ? DEVICE_REMOVED
          : NT.INVALID_DEVICE_STATE;
        assert.equal(SmartcardDeviceControl(ext, irp), expected);
        assert.equal(irp.ioStatus.status, expected);
        assert.equal(irp.ioStatus.information, 0);
      }
    }
  }
});

Deno.test("IOCTL table: GET_LAST_ERROR tells of the last request that was neither itself nor tracking", () => {
  const ext = tableReader(true);
  const send = (code: number, input = new Uint8Array(0), capacity = 0) => {
    const irp = requestOf(code, input, capacity);
    const status = SmartcardDeviceControl(ext, irp);
    return { irp, status };
  };
  const lastError = () => {
    const { irp, status } = send(0x0031003C, new Uint8Array(0), 4);
    assert.equal(status, NT.SUCCESS);
    return readU32le(irp.systemBuffer, 0);
  };
  assert.equal(lastError(), NT.SUCCESS);
  for (
    const [code, input, capacity, status] of [
      [0x00310004, 0, 64, NT.INVALID_PARAMETER],
      [0x00310020, 0, 0, NT.INVALID_DEVICE_REQUEST],
      [0x00310005, 0, 0, NT.INVALID_DEVICE_REQUEST],
      [0x00310038, 0, 3, NT.BUFFER_TOO_SMALL],
      [0x00310018, 0, 0, NT.NOT_SUPPORTED],
      [0x00310038, 0, 4, NT.SUCCESS],
      [0x00310190, 0, 4, NT.NOT_SUPPORTED],
    ]
  ) {
    assert.equal(send(code, new Uint8Array(input), capacity).status, status);
    // Neither its own failure nor its own success counts, and a tracking request does not either.
    assert.equal(
      send(0x0031003C, new Uint8Array(0), 3).status,
      NT.BUFFER_TOO_SMALL,
    );
    assert.equal(send(0x0031002C).status, NT.NOT_SUPPORTED);
    assert.equal(lastError(), status);
    assert.equal(lastError(), status);
  }
  ext.readerFunction[8] = () => NT.PENDING;
  assert.equal(send(0x00312000).status, NT.PENDING);
  SmartcardCompleteRequest(ext, NT.IO_TIMEOUT);
  assert.equal(lastError(), NT.IO_TIMEOUT);
  ext.readerFunction[4] = () => NT.PENDING;
  assert.equal(send(0x00310028).status, NT.PENDING);
  SmartcardCompleteCardTracking(ext);
  assert.equal(lastError(), NT.IO_TIMEOUT);
  SmartcardExit(ext);
});

Deno.test("IOCTL table: no code of the catalogue is without rows", () => {
  const catalogue = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    .concat([
      100,
      101,
      102,
      103,
      104,
      105,
      106,
      2048,
      3400,
      4095,
      0x8000,
      0x8003,
    ])
    .map((functionNumber) => 0x00310000 + 4 * functionNumber);
  assert.deepEqual(catalogue.filter((code) => !ALL_CODES.includes(code)), []);
  const count = FAMILIES.reduce(
    (sum, family) => sum + rowsOf(family).length,
    0,
  );
  assert.ok(count > 20_000, `${count} rows`);
});
