// Invariant: objects are read by whom the table says, and written by the manager alone.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { PIV_AID } from "../../../src/cards/mod.ts";
import { command, PIN, PivHost, verifyPin } from "./piv_host.ts";

const GUID = "000102030405060708090A0B0C0D0E0F";

function get(tag: string): string {
  const length = (tag.length / 2).toString(16).padStart(2, "0");
  return command("00CB3FFF", `5C${length}${tag}`);
}

function put(tag: string, content: string): string {
  const length = (content.length / 2).toString(16).padStart(2, "0");
  return command("00DB3FFF", `5C03${tag}53${length}${content}`);
}

Deno.test("SELECT by the AID, by its beginning, and by others", async () => {
  const host = new PivHost();
  const full = await host.send(command("00A40400", PIV_AID));
  assert.match(full, /^61..4F0600001000010079074F05A000000308.*9000$/);
  for (const length of [5, 9, 10]) {
    const aid = PIV_AID.slice(0, 2 * length);
    assert.equal(await host.send(command("00A40400", aid)), full);
  }
  await host.run(
    [verifyPin(PIN), "9000"],
    [command("00A40400", "A0000003"), "6A82"],
    [command("00A40400", `${PIV_AID}00`), "6A82"],
    [command("00A40400", "D27600012401"), "6A82"],
    ["00A40400", "6A82"],
    [command("00A40000", "3F00"), "6A86"],
    [command("00A4040C", PIV_AID), "6A86"],
    [command("00A40400", PIV_AID), full],
    // The security status is as it was (SP 800-73-4 Part 2, 3.1.1).
    ["00200080", "9000"],
  );
});

Deno.test("GET DATA: what a new card has, and what it has not", async () => {
  const host = new PivHost({ guid: fromHex(GUID) });
  await host.run(
    [get("7E"), "7E12 4F0B A000000308000010000100 5F2F02 4000 9000"],
    [
      get("5FC102"),
      `533B 3019 D4E739DA739CED39CE739D836858210842108421C84210C3EB
       3410 ${GUID} 3508 3230393931323331 3E00 FE00 9000`
        .replaceAll(/\s/g, ""),
    ],
    [get("5FC10C"), "5308 C10100 C20100 FE00 9000"],
    [get("5FC105"), "6A82"],
    [get("5FC104"), "6A82"],
    [get("5FC1FF"), "6A82"],
    [get("7F61"), "6A82"],
    [command("00CB3FFF", "5C00"), "6A80"],
    [command("00CB3FFF", "5C045FC10200"), "6A80"],
    [command("00CB3FFF", "5C035FC1"), "6A80"],
    [command("00CB3FFF", "5D035FC102"), "6A80"],
    [command("00CB3FFF", "5C017E5C017E"), "6A80"],
    ["00CB3FFF00", "6A80"],
    [command("00CB3FFE", "5C017E"), "6A86"],
  );
  assert.match(await host.send(get("5FC107")), /^5333F015A000000116FF02/);
});

Deno.test("PUT DATA takes the management key; no content deletes", async () => {
  const host = new PivHost();
  await host.run([put("5FC105", "7000"), "6982"], [verifyPin(PIN), "9000"]);
  await host.run([put("5FC105", "7000"), "6982"]);
  await host.authenticate();
  await host.run(
    [put("5FC105", "7000"), "9000"],
    [get("5FC105"), "53027000 9000"],
    [put("5FC105", ""), "9000"],
    [get("5FC105"), "6A82"],
    [put("5FC104", "00"), "6A81"],
    [put("5FC124", "00"), "6A81"],
    [command("00DB3FFF", "7E024F00"), "9000"],
    [get("7E"), "7E024F00 9000"],
    [command("00DB3FFF", "7F6103020100"), "9000"],
    [get("7F61"), "7F6103020100 9000"],
    [command("00DB3FFF", "5C017E5300"), "6A80"],
    [command("00DB3FFF", "5C035FC105"), "6A80"],
    [command("00DB3FFF", "5C035FC10553015300"), "6A80"],
    [command("00DB3FFF", "5300"), "6A80"],
    [command("00DB3FFF", "7F6103020100FE00"), "6A80"],
    ["00DB3FFF", "6A80"],
    [command("00DB0000", "5C035FC1055300"), "6A86"],
  );
  host.card.reset();
  await host.run([put("5FC105", "7000"), "6982"], [get("7E"), "7E024F009000"]);
});

Deno.test("objects of the cardholder open with the PIN", async () => {
  const objects = new Map([
    [0x5fc109, fromHex("0101AA")],
    [0x5fc106, fromHex("BA00")],
  ]);
  const host = new PivHost({ objects });
  await host.run(
    [get("5FC106"), "5302BA00 9000"],
    [get("5FC109"), "6982"],
    [get("5FC103"), "6A82"],
    [verifyPin(PIN), "9000"],
    [get("5FC109"), "53030101AA 9000"],
    ["0020FF80", "9000"],
    [get("5FC109"), "6982"],
  );
});

Deno.test("large objects: extended length, chains, and the limit", async () => {
  const host = new PivHost();
  await host.authenticate();
  const content = new Uint8Array(16_384).map((_, i) => i * 7);
  const object = `538240${"00"}${toHex(content)}`;
  const data = `5C035FC10A${object}`;
  const extended = (hex: string) =>
    `00${(hex.length / 2).toString(16).padStart(4, "0")}${hex}`;
  await host.run([`00DB3FFF${extended(data)}`, "9000"]);
  assert.equal(await host.send(get("5FC10A")), `${object}9000`);
  assert.equal(
    await host.send("00CB3FFF0000055C035FC10A0000"),
    `${object}9000`,
  );
  await host.run([`00DB3FFF${extended("5C035FC10A53820001" + "00")}`, "9000"]);
  for (let at = 0; at < data.length; at += 400) {
    const piece = data.slice(at, at + 400);
    const cla = at + 400 < data.length ? "10" : "00";
    const length = (piece.length / 2).toString(16).padStart(2, "0");
    assert.equal(await host.send(`${cla}DB3FFF${length}${piece}`), "9000");
  }
  assert.equal(await host.send(get("5FC10A")), `${object}9000`);
  const more = `5C035FC10A53824001${toHex(content)}00`;
  await host.run([`00DB3FFF${extended(more)}`, "6A84"]);
});
