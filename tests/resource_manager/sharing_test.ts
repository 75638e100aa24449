import assert from "node:assert/strict";
import {
  type Connection,
  PCSC_LITE_PROFILE,
  type Profile,
  type ShareMode,
  WEB_PROFILE,
  WINDOWS_PROFILE,
} from "../../src/resource_manager/mod.ts";
import { bench, fails, isSettled } from "./bench.ts";

const MODES: ShareMode[] = ["shared", "exclusive", "direct"];

/** Rows: what exists; per column shared, exclusive, direct: o ok, v violation, w wait. */
const MATRIX: [Profile, Record<string, string>][] = [
  [WINDOWS_PROFILE, {
    shared: "ovv",
    exclusive: "vvv",
    direct: "vvv",
    locked: "wvv",
  }],
  [PCSC_LITE_PROFILE, {
    shared: "ovo",
    exclusive: "vvv",
    direct: "ovo",
    locked: "www",
  }],
  [WEB_PROFILE, {
    shared: "ovo",
    exclusive: "vvv",
    direct: "ovo",
    locked: "wvv",
  }],
];

for (const [profile, rows] of MATRIX) {
  for (const [existing, verdicts] of Object.entries(rows)) {
    for (const [column, requested] of MODES.entries()) {
      Deno.test(`sharing, ${profile.name}: ${existing} exists, ${requested} asked`, async () => {
        await using b = await bench({ profile });
        const first = b.manager.establishContext();
        const second = b.manager.establishContext();
        const locked = existing === "locked";
        const holder = await first.connect(b.reader.name, {
          shareMode: locked ? "shared" : existing as ShareMode,
        });
        if (locked) await holder.beginTransaction();
        const connecting = second.connect(b.reader.name, {
          shareMode: requested,
        });
        const verdict = verdicts[column];
        if (verdict === "v") {
          const message = await fails(
            "SCARD_E_SHARING_VIOLATION",
            () => connecting,
          );
          assert.match(message, /^Cannot connect to "Fake Reader 0": /);
        } else if (verdict === "o") {
          const connection: Connection = await connecting;
          assert.equal(connection.shareMode, requested);
        } else {
          assert.equal(await isSettled(connecting), false);
          await holder.endTransaction();
          // The rule without a lock decides then: a shared holder is still there.
          if (rows.shared[column] === "o") await connecting;
          else await fails("SCARD_E_SHARING_VIOLATION", () => connecting);
        }
      });
    }
  }
}

Deno.test("sharing: the message names the holder", async () => {
  await using b = await bench();
  const first = b.manager.establishContext();
  await first.connect(b.reader.name, { shareMode: "exclusive" });
  const second = b.manager.establishContext();
  const message = await fails(
    "SCARD_E_SHARING_VIOLATION",
    () => second.connect(b.reader.name),
  );
  assert.equal(
    message,
    `Cannot connect to "Fake Reader 0": held exclusively by context ${first.id} since 0.0 s, expected a reader free for shared use`,
  );
});

Deno.test("connect: no card", async () => {
  await using b = await bench({ card: false });
  const context = b.manager.establishContext();
  await fails("SCARD_E_NO_SMARTCARD", () => context.connect(b.reader.name));
  await fails(
    "SCARD_E_NO_SMARTCARD",
    () => context.connect(b.reader.name, { shareMode: "exclusive" }),
  );
  const direct = await context.connect(b.reader.name, { shareMode: "direct" });
  assert.equal(direct.activeProtocol, 0);
});

Deno.test("connect: a mute card is tried again, and refused by the profile's code", async () => {
  for (const profile of [WINDOWS_PROFILE, PCSC_LITE_PROFILE]) {
    await using b = await bench({ profile, card: false });
    b.device.mute = true;
    b.device.insert();
    const context = b.manager.establishContext();
    await fails(profile.muteCard, () => context.connect(b.reader.name));
    await context.connect(b.reader.name, { shareMode: "direct" }).then((c) =>
      c.disconnect()
    );
    b.device.mute = false;
    const connection = await context.connect(b.reader.name);
    assert.equal(connection.activeProtocol, 2);
  }
});

Deno.test("connect: protocols", async () => {
  await using b = await bench();
  const context = b.manager.establishContext();
  const { name } = b.reader;
  await fails(
    "SCARD_E_PROTO_MISMATCH",
    () => context.connect(name, { protocols: 0 }),
  );
  await fails(
    "SCARD_E_INVALID_VALUE",
    () => context.connect(name, { protocols: 0x40 }),
  );
  await fails(
    "SCARD_E_PROTO_MISMATCH",
    () => context.connect(name, { protocols: 0x10000 }),
  );
  await fails("SCARD_E_UNKNOWN_READER", () => context.connect("nobody"));
  const t0 = await context.connect(name, { protocols: 1 });
  assert.equal(t0.activeProtocol, 1);
  // Another connection has T=0: nobody resets the card behind its back.
  await fails(
    "SCARD_E_PROTO_MISMATCH",
    () => context.connect(name, { protocols: 2 }),
  );
  await t0.disconnect();
  // Alone, the card may be reset to negotiate anew.
  const t1 = await context.connect(name, { protocols: 2 });
  assert.equal(t1.activeProtocol, 2);
});

Deno.test("connect: a protocol that nobody asked for is a mismatch", async () => {
  await using b = await bench();
  b.device.supported = 3;
  const context = b.manager.establishContext();
  const { device } = b;
  const original = device.deviceControl.bind(device);
  device.deviceControl = (irp) => {
    const status = original(irp);
    if (irp.ioControlCode === 0x00310030) irp.systemBuffer[0] = 2;
    return status;
  };
  await fails(
    "SCARD_E_PROTO_MISMATCH",
    () => context.connect(b.reader.name, { protocols: 1 }),
  );
});
