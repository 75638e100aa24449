// Every command byte by byte, against vectors written by hand from ISO/IEC 7816-4.
import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  activateFile,
  changeReferenceData,
  type CommandApdu,
  createFile,
  deactivateFile,
  deleteFile,
  encodeCommand,
  fileTemplate,
  forgetVerification,
  Iso7816Commands,
  parseCommand,
  resetRetryCounter,
} from "../../src/service_providers/mod.ts";

const iso = new Iso7816Commands();
const hex = (command: CommandApdu) => toHex(encodeCommand(command));
const b = fromHex;

/** Name, command, bytes. */
const VECTORS: readonly [string, CommandApdu, string][] = [
  ["AppendRecord", iso.appendRecord(b("AABB")), "00E2000002AABB"],
  ["AppendRecord, short id 3", iso.appendRecord(b("AA"), 3), "00E2001801AA"],
  ["EraseBinary to the end", iso.eraseBinary({ offset: 0x123 }), "000E0123"],
  ["EraseBinary, range", iso.eraseBinary({ offset: 1 }, 9), "000E0001020009"],
  ["EraseBinary, short id", iso.eraseBinary({ shortId: 5 }), "000E8500"],
  [
    "EraseBinary, far",
    iso.eraseBinary({ offset: 0x8000 }, 0x1_0000),
    "000F0000095402800054030100" + "00",
  ],
  [
    "ExternalAuthenticate",
    iso.externalAuthenticate(b("0102"), { algorithm: 2, reference: 0x81 }),
    "00820281020102",
  ],
  [
    "ExternalAuthenticate, state",
    iso.externalAuthenticate(undefined),
    "00820000",
  ],
  ["GetChallenge", iso.getChallenge(8), "0084000008"],
  ["GetChallenge, algorithm", iso.getChallenge(256, 1), "0084010000"],
  ["GetData", iso.getData(0x5f20), "00CA5F2000"],
  ["GetData, one byte", iso.getData(0x6e, 16), "00CA006E10"],
  ["GetData, three bytes", iso.getData(0x7f_4921), "00CB3FFF055C037F492100"],
  ["GetResponse", iso.getResponse(), "00C0000000"],
  ["GetResponse, 23", iso.getResponse(23), "00C0000017"],
  [
    "InternalAuthenticate",
    iso.internalAuthenticate(b("AABB"), { algorithm: 1, reference: 2, ne: 64 }),
    "0088010202AABB40",
  ],
  ["ManageChannel open", iso.manageChannel("open"), "0070000001"],
  ["ManageChannel open 2", iso.manageChannel("open", 2), "00700002"],
  ["ManageChannel close 2", iso.manageChannel("close", 2), "00708002"],
  ["PutData", iso.putData(0x0101, b("FF")), "00DA010101FF"],
  ["ReadBinary", iso.readBinary(), "00B0000000"],
  ["ReadBinary, offset", iso.readBinary({ offset: 0x7fff }, 4), "00B07FFF04"],
  [
    "ReadBinary, short id",
    iso.readBinary({ shortId: 30, offset: 255 }),
    "00B09EFF00",
  ],
  [
    "ReadBinary, far",
    iso.readBinary({ offset: 0x8000 }),
    "00B1000004540280" + "0000",
  ],
  [
    "ReadBinary, short id and far",
    iso.readBinary({ shortId: 1, offset: 0x12_3456 }, 10),
    "00B10001055403123456" + "0A",
  ],
  ["ReadBinary, extended", iso.readBinary({}, 65_536), "00B00000000000"],
  ["ReadBinary, 257", iso.readBinary({}, 257), "00B00000000101"],
  ["ReadRecord", iso.readRecord({ number: 1 }), "00B2010400"],
  [
    "ReadRecord, all",
    iso.readRecord({ number: 1, mode: "from" }),
    "00B2010500",
  ],
  [
    "ReadRecord, next",
    iso.readRecord({ mode: "next", shortId: 2 }, 5),
    "00B2001205",
  ],
  [
    "ReadRecord, down",
    iso.readRecord({ number: 2, mode: "down-to" }),
    "00B2020600",
  ],
  [
    "SelectFile by id",
    iso.selectFile({ by: "file-id", value: b("3F00"), answer: "none" }),
    "00A4000C023F00",
  ],
  ["SelectFile, MF", iso.selectFile({ by: "file-id" }), "00A4000000"],
  [
    "SelectFile by name, next",
    iso.selectFile({ by: "name", value: b("A0000001"), occurrence: "next" }),
    "00A4040204A000000100",
  ],
  [
    "SelectFile by path, FCP",
    iso.selectFile({ by: "path-from-mf", value: b("50005001"), answer: "fcp" }),
    "00A408040450005001" + "00",
  ],
  [
    "SelectFile, parent",
    iso.selectFile({ by: "parent", answer: "fmd" }, 64),
    "00A4030840",
  ],
  [
    "UpdateBinary",
    iso.updateBinary({ offset: 16 }, b("0102")),
    "00D60010020102",
  ],
  [
    "UpdateBinary, far",
    iso.updateBinary({ offset: 0xffff }, b("0102")),
    "00D7000008" + "5402FFFF" + "53020102",
  ],
  [
    "UpdateRecord",
    iso.updateRecord({ number: 9 }, b("01")),
    "00DC090401" + "01",
  ],
  ["Verify", iso.verify(b("31323334"), 0x81), "0020008104" + "31323334"],
  ["Verify, state", iso.verify(undefined, 1), "00200001"],
  ["WriteBinary", iso.writeBinary({}, b("FF")), "00D0000001FF"],
  [
    "WriteBinary, far",
    iso.writeBinary({ offset: 0x8000 }, b("FF")),
    "00D1000007" + "54028000" + "5301FF",
  ],
  ["WriteRecord", iso.writeRecord({ mode: "last" }, b("FF")), "00D2000101FF"],
  ["CREATE FILE", createFile(0, b("6200")), "00E00000026200"],
  ["DELETE FILE", deleteFile(0), "00E40000"],
  ["DEACTIVATE FILE", deactivateFile(0), "00040000"],
  ["ACTIVATE FILE", activateFile(0x80), "80440000"],
  ["VERIFY, forget", forgetVerification(0, 1), "0020FF01"],
  [
    "CHANGE REFERENCE DATA",
    changeReferenceData(0, 1, b("31"), b("32")),
    "00240001023132",
  ],
  [
    "CHANGE, new alone",
    changeReferenceData(0, 1, null, b("32")),
    "002401010132",
  ],
  [
    "RESET RETRY COUNTER",
    resetRetryCounter(0, 1, b("31"), b("32")),
    "002C0001023132",
  ],
  ["RESET, code", resetRetryCounter(0, 1, b("31"), null), "002C01010131"],
  ["RESET, new", resetRetryCounter(0, 1, null, b("32")), "002C02010132"],
  ["RESET, neither", resetRetryCounter(0, 1, null, null), "002C0301"],
];

for (const [name, command, expected] of VECTORS) {
  Deno.test(`command: ${name}`, () => {
    assert.equal(hex(command), expected);
    assert.equal(hex(parseCommand(b(expected))), expected);
  });
}

Deno.test("command: SetDefaultClassId", () => {
  const own = new Iso7816Commands();
  own.setDefaultClassId(0x80);
  assert.equal(own.defaultClassId, 0x80);
  assert.equal(hex(own.readBinary()), "80B0000000");
  assert.throws(() => own.setDefaultClassId(256), RangeError);
});

Deno.test("command: extended lengths of all cases", () => {
  const header = { cla: 0, ins: 0xd6, p1: 0, p2: 0 };
  const long = new Uint8Array(256);
  const prefix = "00D60000";
  assert.equal(hex({ ...header, extended: true }), prefix);
  assert.equal(hex({ ...header, ne: 1, extended: true }), `${prefix}000001`);
  const zeros = "00".repeat(256);
  assert.equal(hex({ ...header, data: long }), `${prefix}000100${zeros}`);
  const case4 = hex({ ...header, data: b("AA"), ne: 65_536, extended: true });
  assert.equal(case4, `${prefix}000001AA0000`);
  assert.equal(
    hex({ ...header, data: long, ne: 5 }),
    `${prefix}000100${zeros}0005`,
  );
});

Deno.test("command: what is out of range", () => {
  const wrong: (() => unknown)[] = [
    () => iso.readBinary({ offset: -1 }),
    () => iso.readBinary({ shortId: 31 }),
    () => iso.readBinary({}, 0),
    () => iso.readBinary({}, 65_537),
    () => iso.readRecord({ number: 255 }),
    () => iso.readRecord({ mode: "odd" as "next" }),
    () => iso.getData(0x100_0000),
    () => iso.manageChannel("close"),
    () => iso.eraseBinary({ offset: 5 }, 5),
    () => iso.selectFile({ by: "file-id", value: b("3F") }),
    () => iso.selectFile({ by: "name" }),
    () => iso.selectFile({ by: "path-from-mf", value: b("3F0050") }),
    () => iso.selectFile({ by: "toString" as "name" }),
    () => encodeCommand({ cla: 0, ins: 256, p1: 0, p2: 0 }),
    () => encodeCommand(iso.putData(1, new Uint8Array(65_536))),
  ];
  for (const build of wrong) {
    assert.throws(build, (error) => {
      assert(error instanceof RangeError, String(error));
      assert.match(error.message, /^Cannot build a command: .*expected/);
      return true;
    });
  }
});

Deno.test("command: bytes that are none", () => {
  for (
    const bad of ["", "00A400", "00A4000002AA", "00A4000002AABBCCDD"]
      .concat("00A400000000", "00A40000000000AA", "00A40000000002AA")
  ) assert.throws(() => parseCommand(b(bad)), RangeError, bad);
});

Deno.test("command: encode and parse are inverse", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const command = fc.record({
    cla: byte,
    ins: byte,
    p1: byte,
    p2: byte,
    data: fc.uint8Array({ maxLength: 400 }),
    ne: fc.integer({ min: 0, max: 65_536 }),
    extended: fc.boolean(),
  });
  fc.assert(
    fc.property(command, (value) => {
      const encoded = encodeCommand(value);
      const parsed = parseCommand(encoded);
      assert.deepEqual([...parsed.data ?? []], [...value.data]);
      assert.equal(parsed.ne ?? 0, value.ne);
      assert.deepEqual(encodeCommand(parsed), encoded);
    }),
    { seed: 78163 },
  );
});

Deno.test("command: the template of CREATE FILE", () => {
  const record = fileTemplate({
    kind: "linear-fixed",
    id: 0x5003,
    shortId: 3,
    recordBytes: 16,
    recordCount: 8,
  });
  assert.equal(toHex(record), "620E82050221001008830250038801" + "18");
  const directory = fileTemplate({
    kind: "directory",
    id: 0x5000,
    sizeBytes: 512,
    name: b("A000"),
    objects: [{ tag: 0x8c, value: b("00") }],
  });
  assert.equal(
    toHex(directory),
    "6212820138830250008102020084" + "02A0008C0100",
  );
  assert.throws(() => fileTemplate({ kind: "cyclic", id: 1 }), RangeError);
});
