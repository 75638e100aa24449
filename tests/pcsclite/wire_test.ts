// Every message of pcsc-lite's protocol has the size, the offsets and the bytes of winscard_msg.h.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes.ts";
import * as wire from "../../src/pcsclite/wire/mod.ts";

const SIZES: readonly [wire.Struct<never>, number][] = ([
  [wire.VERSION, 12],
  [wire.ESTABLISH, 12],
  [wire.RELEASE, 8],
  [wire.CONNECT, 152],
  [wire.RECONNECT, 24],
  [wire.DISCONNECT, 12],
  [wire.BEGIN, 8],
  [wire.END, 12],
  [wire.CANCEL, 8],
  [wire.STATUS, 8],
  [wire.TRANSMIT, 32],
  [wire.CONTROL, 24],
  [wire.ATTRIBUTE, 280],
  [wire.WAIT, 8],
  [wire.READER_EVENTS, 8],
  [wire.STATE_SIZE, 4],
  [wire.READER_STATE, 184],
  [wire.HEADER, 8],
] as unknown) as [wire.Struct<never>, number][];

Deno.test("messages have the sizes of winscard_msg.h", () => {
  for (const [struct, bytes] of SIZES) {
    assert.equal(struct.bytes, bytes, struct.name);
    assert.equal(struct.encode().length, bytes, struct.name);
  }
  const states = wire.encodeReaderStates([], wire.FIXED_READER_SLOTS);
  assert.equal(states.length, 2944);
});

Deno.test("fields lie where winscard_msg.h has them", () => {
  const { offsetOf } = wire.Struct.prototype;
  const offset = <T extends object>(s: wire.Struct<T>, field: keyof T) =>
    offsetOf.call(s, field as never);
  assert.equal(offset(wire.CONNECT, "szReader"), 4);
  assert.equal(offset(wire.CONNECT, "dwShareMode"), 132);
  assert.equal(offset(wire.CONNECT, "hCard"), 140);
  assert.equal(offset(wire.CONNECT, "rv"), 148);
  assert.equal(offset(wire.TRANSMIT, "cbSendLength"), 12);
  assert.equal(offset(wire.TRANSMIT, "pcbRecvLength"), 24);
  assert.equal(offset(wire.CONTROL, "dwBytesReturned"), 16);
  assert.equal(offset(wire.ATTRIBUTE, "cbAttrLen"), 272);
  assert.equal(offset(wire.READER_STATE, "readerSharing"), 136);
  assert.equal(offset(wire.READER_STATE, "cardAtrLength"), 176);
  assert.equal(offset(wire.READER_STATE, "cardProtocol"), 180);
});

Deno.test("requests have the bytes that libpcsclite sends", () => {
  const hCard = 0x12345678;
  const hContext = 0x41D2AE5E;
  const golden: [Uint8Array, string][] = [
    [
      wire.encodeRequest(
        wire.COMMANDS.VERSION,
        wire.VERSION.encode({ major: 4, minor: 4 }),
      ),
      "0c000000 11000000 04000000 04000000 00000000",
    ],
    [
      wire.encodeRequest(
        wire.COMMANDS.ESTABLISH_CONTEXT,
        wire.ESTABLISH.encode({ dwScope: 2 }),
      ),
      "0c000000 01000000 02000000 00000000 00000000",
    ],
    [
      wire.encodeRequest(wire.COMMANDS.GET_READERS_STATE),
      "00000000 12000000",
    ],
    [
      wire.encodeRequest(
        wire.COMMANDS.CONNECT,
        wire.CONNECT.encode({
          hContext,
          szReader: "A 00 00",
          dwShareMode: 2,
          dwPreferredProtocols: 3,
        }),
      ),
      "98000000 04000000 5eaed241" + "41203030203030" + "00".repeat(121) +
      "02000000 03000000 00000000 00000000 00000000",
    ],
    [
      wire.encodeRequest(
        wire.COMMANDS.TRANSMIT,
        wire.TRANSMIT.encode({
          hCard,
          ioSendPciProtocol: 2,
          ioSendPciLength: 16,
          cbSendLength: 5,
          ioRecvPciProtocol: wire.WIRE_PROTOCOL_ANY_OLD,
          ioRecvPciLength: 16,
          pcbRecvLength: 65540,
        }),
        fromHex("00A4000C02"),
      ),
      "20000000 09000000 78563412 02000000 10000000 05000000 00100000 10000000 04000100 00000000 00a4000c02",
    ],
    [
      wire.encodeRequest(
        wire.COMMANDS.CONTROL,
        wire.CONTROL.encode({
          hCard,
          dwControlCode: wire.wireControlCode(wire.FEATURE_REQUEST),
          cbRecvLength: 256,
        }),
      ),
      "18000000 0a000000 78563412 480d0042 00000000 00010000 00000000 00000000",
    ],
    [
      wire.encodeRequest(
        wire.COMMANDS.CANCEL,
        wire.CANCEL.encode({ hContext }),
      ),
      "08000000 0d000000 5eaed241 00000000",
    ],
  ];
  for (const [bytes, hex] of golden) {
    assert.equal(toHex(bytes), toHex(fromHex(hex)));
  }
});

Deno.test("a reader state has the bytes that pcscd sends", () => {
  const atr = fromHex("3B951381018073FF01000B");
  const bytes = wire.encodeReaderStates([null, {
    readerName: "Virtual PCD 00 01",
    eventCounter: 1,
    readerState: wire.WIRE_PRESENT | wire.WIRE_POWERED | wire.WIRE_NEGOTIABLE,
    readerSharing: 0,
    cardAtr: atr,
    cardAtrLength: atr.length,
    cardProtocol: 2,
  }], 16);
  const tail = bytes.subarray(184 + 128, 368);
  const golden = "01000000 34000000 00000000 3b951381018073ff01000b" +
    "00".repeat(22) + "000000 0b000000 02000000";
  assert.equal(toHex(tail), toHex(fromHex(golden)));
  const [state, ...others] = wire.decodeReaderStates(bytes);
  assert.equal(others.length, 0);
  assert.equal(state.readerName, "Virtual PCD 00 01");
  assert.deepEqual(state.cardAtr, atr);
});

Deno.test("pcscd's marker for an ATR that was never read is no length", () => {
  const bytes = wire.encodeReaderStates(
    [{ readerName: "R", cardAtrLength: 34 }],
    16,
  );
  assert.deepEqual(wire.decodeReaderStates(bytes)[0].cardAtr.length, 0);
});

Deno.test("decoding what was encoded gives it back, at any place", () => {
  const u32 = fc.nat(0xFFFFFFFF);
  fc.assert(
    fc.property(
      fc.record({
        hContext: u32,
        szReader: fc.string({ unit: "grapheme", maxLength: 20 })
          .map((name) => name.replaceAll("\0", " ").toWellFormed()),
        dwShareMode: u32,
        dwPreferredProtocols: u32,
        hCard: fc.integer({ min: -0x80000000, max: 0x7FFFFFFF }),
        dwActiveProtocol: u32,
        rv: u32,
      }, { noNullPrototype: true }).filter(({ szReader }) =>
        new TextEncoder().encode(szReader).length < 128
      ),
      fc.nat(9),
      (value, at) => {
        const bytes = new Uint8Array(at + wire.CONNECT.bytes).fill(0xAA);
        wire.CONNECT.write(bytes, at, value);
        assert.deepEqual(wire.CONNECT.decode(bytes, at), value);
      },
    ),
    { seed: 78163 },
  );
});

Deno.test("a name that is too long is cut at a character, and its NUL stays", () => {
  const bytes = wire.READER_STATE.encode({ readerName: "é".repeat(100) });
  assert.equal(bytes[127], 0);
  assert.equal(wire.READER_STATE.get(bytes, "readerName"), "é".repeat(63));
});

Deno.test("messages that are cut short or do not fit are refused", () => {
  assert.throws(
    () => wire.VERSION.decode(new Uint8Array(11)),
    /Cannot read a message VERSION: 11 bytes, expected 12/,
  );
  assert.throws(
    () => wire.ATTRIBUTE.encode({ pbAttr: new Uint8Array(265) }),
    /265 bytes, expected 264 at most/,
  );
  assert.throws(() => wire.decodeReaderStates(new Uint8Array(183)), RangeError);
  assert.throws(() => wire.encodeReaderStates([null, null], 1), RangeError);
});

Deno.test("versions have the commands that they have", () => {
  const expected: Record<number, (number | null)[]> = {
    3: [8, null, null],
    4: [0, null, null],
    5: [0, 0, null],
    6: [0, 0, 0],
  };
  for (const dialect of wire.DIALECTS) {
    assert.deepEqual(
      [0x13, 0x15, 0x16].map((command) => wire.bodyBytes(command, dialect)),
      expected[dialect.minor],
    );
    for (const unused of [0x00, 0x03, 0x0C, 0x0E, 0x18, 0xFFFFFFFF]) {
      assert.equal(wire.bodyBytes(unused, dialect), null);
    }
  }
  assert.equal(wire.dialectOf(4, 2), null);
  assert.equal(wire.dialectOf(5, 4), null);
});

Deno.test("payloads longer than a buffer of the protocol are refused before they come", () => {
  const payload = (cbSendLength: number) =>
    wire.payloadBytes(
      wire.COMMANDS.TRANSMIT,
      wire.TRANSMIT.encode({ cbSendLength }),
    );
  assert.equal(payload(65548), 65548);
  assert.equal(payload(65549), null);
  assert.equal(payload(0xFFFFFFFF), null);
  const attribute = (cbAttrLen: number) =>
    wire.payloadBytes(
      wire.COMMANDS.SET_ATTRIB,
      wire.ATTRIBUTE.encode({ cbAttrLen }),
    );
  assert.equal(attribute(264), 0);
  assert.equal(attribute(265), null);
});

Deno.test("numbers are pcsc-lite's on the wire and those of Windows behind it", () => {
  assert.equal(wire.wireCode("SCARD_E_UNSUPPORTED_FEATURE"), 0x8010001F);
  assert.equal(
    wire.scardNameOfWire(0x8010001F),
    "SCARD_E_UNSUPPORTED_FEATURE",
  );
  assert.equal(wire.scardNameOfWire(0x12), "SCARD_F_UNKNOWN_ERROR");
  assert.equal(wire.wireProtocols(0x10001), 5);
  assert.equal(wire.protocolsOfWire(4 | 1 | 0x1000 | 8), 0x10001);
  assert.equal(wire.wireControlCodeOf(0x00313520), 0x42000D48);
  assert.equal(wire.windowsControlCodeOf(0x42000D48), 0x00313520);
  assert.equal(wire.windowsControlCodeOf(0x42330012), 0x42330012);
  // The driver library's IOCTL_SMARTCARD_POWER and pcsc-lite's vendor escape.
  assert.equal(wire.wireControlCodeOf(0x00310004), 0x00310004);
  assert.equal(wire.windowsControlCodeOf(0x42000001), 0x42000001);
});

Deno.test("readers have names that end in two numbers and fit the wire", () => {
  assert.equal(
    wire.pcscLiteReaderName("Virtual PCD", 0, 1),
    "Virtual PCD 00 01",
  );
  assert.equal(wire.pcscLiteReaderName("R", 255), "R FF 00");
  const long = wire.pcscLiteReaderName("é".repeat(99), 10);
  assert.equal(new TextEncoder().encode(long).length, 126);
  assert.match(long, /é 0A 00$/);
  assert.throws(() => wire.pcscLiteReaderName("R", 256), RangeError);
  assert.throws(() => wire.pcscLiteReaderName("R", 0, -1), RangeError);
});
