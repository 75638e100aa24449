// Requests to the driver end as pcscd ends them, in pcsc-lite's numbers.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import * as wire from "../../src/pcsclite/wire/mod.ts";
import { type ScardName, scardName } from "../../src/resource_manager/mod.ts";
import { STATUS_IO_DEVICE_ERROR } from "../../src/smclib/mod.ts";
import { serverBench } from "./server_bench.ts";

const { COMMANDS } = wire;

function ends(expected: ScardName, { rv }: { rv: number }): void {
  assert.equal(scardName(rv) ?? rv, expected);
}

Deno.test("CONTROL: features, room, codes of either form", async () => {
  await using b = await serverBench();
  const [device] = b.devices;
  using client = await b.client();
  const hCard = await client.card(b.names[0], 3);
  const control = async (
    dwControlCode: number,
    input = new Uint8Array(0),
    cbRecvLength = 256,
  ) => {
    const answer = await client.ask(COMMANDS.CONTROL, wire.CONTROL, {
      hCard,
      dwControlCode,
      cbSendLength: input.length,
      cbRecvLength,
    }, input);
    const bytes = answer.rv === 0 ? answer.dwBytesReturned : 0;
    return { ...answer, data: await client.read(bytes) };
  };
  // Nothing from the driver: APDUs of extended length can be sent, dwMaxAPDUDataSize 0x10000.
  assert.equal(toHex((await control(0x42000D48)).data), "120442330012");
  assert.equal(toHex((await control(0x42330012)).data), "0A0400000100");
  ends("SCARD_E_INSUFFICIENT_BUFFER", await control(0x42000D48, undefined, 5));
  const refused = await control(0x42000001);
  assert.equal(refused.rv, 0x8010001F);
  assert.equal(refused.dwBytesReturned, 0);
  device.vendorControl = (code, input) =>
    code === 0x00313520
      ? fromHex("0604 00312010 1204 42330012")
      : Uint8Array.of(...fromHex(code.toString(16).padStart(8, "0")), ...input);
  for (const code of [0x42000D48, 0x00313520]) {
    const { data } = await control(code);
    // SCARD_CTL_CODE(2052), as this platform writes it.
    assert.equal(toHex(data), "060442000804" + "120442330012");
  }
  const used = await control(0x42000804, Uint8Array.of(1, 2));
  assert.equal(toHex(used.data), "003120100102");
  assert.equal(toHex((await control(0x42000001)).data), "42000001");
  assert.equal(toHex((await control(0x42330012)).data), "42330012");
  ends(
    "SCARD_E_INSUFFICIENT_BUFFER",
    await control(0x42330012, undefined, 3),
  );
  device.vendorControl = () => STATUS_IO_DEVICE_ERROR;
  ends("SCARD_E_NOT_TRANSACTED", await control(0x42330012));
});

Deno.test("GET_ATTRIB and SET_ATTRIB", async () => {
  await using b = await serverBench();
  using client = await b.client();
  const hCard = await client.card(b.names[0]);
  const get = async (dwAttrId: number, cbAttrLen = 264) => {
    const answer = await client.ask(COMMANDS.GET_ATTRIB, wire.ATTRIBUTE, {
      hCard,
      dwAttrId,
      cbAttrLen,
    });
    return { ...answer, value: answer.pbAttr.slice(0, answer.cbAttrLen) };
  };
  const name = new TextEncoder().encode(`${b.names[0]}\0`);
  for (const tag of [0x7FFF0003, 0x7FFF0004]) {
    assert.deepEqual((await get(tag)).value, name);
  }
  assert.equal((await get(0x7FFF0005)).rv, 0x8010001F);
  assert.equal((await get(0x00090303)).rv, 0x8010001F);
  const tight = await get(0x7FFF0003, 4);
  ends("SCARD_E_INSUFFICIENT_BUFFER", tight);
  assert.equal(tight.cbAttrLen, name.length);
  const set = () =>
    client.ask(COMMANDS.SET_ATTRIB, wire.ATTRIBUTE, {
      hCard,
      dwAttrId: 0x7FFF0007,
      pbAttr: Uint8Array.of(1, 0, 0, 0),
      cbAttrLen: 4,
    });
  ends("SCARD_S_SUCCESS", await set());
  b.devices[0].failNext(0x0031000C, STATUS_IO_DEVICE_ERROR);
  ends("SCARD_E_NOT_TRANSACTED", await set());
});
