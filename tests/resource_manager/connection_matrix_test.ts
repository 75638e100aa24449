// Who may connect to what: every cell of the table, per resource manager, and what the
// connection that was there first sees afterwards.

import assert from "node:assert/strict";
import {
  type Connection,
  PCSC_LITE_PROFILE,
  type Profile,
  type ResourceContext,
  SCARD_UNPOWER_CARD,
  type ScardName,
  type ShareMode,
  WEB_PROFILE,
  WINDOWS_PROFILE,
} from "../../src/resource_manager/mod.ts";
import {
  IOCTL_SMARTCARD_POWER,
  STATUS_IO_TIMEOUT,
} from "../../src/smclib/mod.ts";
import { type Bench, bench, fails, isSettled } from "./bench.ts";

/** What a connect meets. */
type Row =
  | "a card"
  | "no card"
  | "shared"
  | "exclusive"
  | "direct"
  | "a transaction"
  | "a mute card"
  | "a card that cannot be powered";

/** What it is told; `wait`: nothing until the transaction has ended, then this. */
type Cell = "ok" | ScardName | { readonly wait: "ok" | ScardName };

/** Cells for a shared, an exclusive and a direct connect. */
type Matrix = Readonly<Record<Row, readonly [Cell, Cell, Cell]>>;

const V = "SCARD_E_SHARING_VIOLATION";
const NO_CARD = "SCARD_E_NO_SMARTCARD";
const MUTE = "SCARD_W_UNRESPONSIVE_CARD";
const UNPOWERED = "SCARD_W_UNPOWERED_CARD";
const MODES: readonly ShareMode[] = ["shared", "exclusive", "direct"];

/** Windows: a direct connection is as exclusive as an exclusive one. */
const WINDOWS: Matrix = {
  "a card": ["ok", "ok", "ok"],
  "no card": [NO_CARD, NO_CARD, "ok"],
  shared: ["ok", V, V],
  exclusive: [V, V, V],
  direct: [V, V, V],
  "a transaction": [{ wait: "ok" }, V, V],
  "a mute card": [MUTE, MUTE, "ok"],
  // A driver has no status of its own for it: it looks as a mute card does.
  "a card that cannot be powered": [MUTE, MUTE, "ok"],
};

/** pcsc-lite: everybody waits for a transaction, then the rule decides. */
const PCSC_LITE: Matrix = {
  "a card": ["ok", "ok", "ok"],
  "no card": [NO_CARD, NO_CARD, "ok"],
  shared: ["ok", V, "ok"],
  exclusive: [V, V, V],
  direct: ["ok", V, "ok"],
  "a transaction": [{ wait: "ok" }, { wait: V }, { wait: "ok" }],
  "a mute card": [UNPOWERED, UNPOWERED, "ok"],
  "a card that cannot be powered": [UNPOWERED, UNPOWERED, "ok"],
};

/** Web Smart Card API: beside each other as with pcsc-lite, but only a shared connect waits. */
const WEB: Matrix = {
  ...PCSC_LITE,
  "a transaction": [{ wait: "ok" }, V, V],
  "a mute card": [MUTE, MUTE, "ok"],
  "a card that cannot be powered": [MUTE, MUTE, "ok"],
};

const APDU = Uint8Array.of(0, 0xA4, 0, 0);
const EXCLUSIVE = 0x80;
const IN_USE = 0x100;

/** The connection that is there first, if any. */
async function meet(
  b: Bench,
  row: Row,
  context: ResourceContext,
): Promise<Connection | null> {
  switch (row) {
    case "a card":
    case "no card":
      return null;
    case "a mute card":
      b.device.mute = true;
      b.device.insert();
      return null;
    case "a card that cannot be powered": {
      const before = await context.connect(b.reader.name);
      await before.disconnect(SCARD_UNPOWER_CARD);
      b.device.failNext(
        IOCTL_SMARTCARD_POWER,
        ...new Array(8).fill(STATUS_IO_TIMEOUT),
      );
      return null;
    }
    case "a transaction": {
      const owner = await context.connect(b.reader.name);
      await owner.beginTransaction();
      return owner;
    }
    default:
      // A direct holder that agreed on a protocol can use the card, too.
      return await context.connect(b.reader.name, {
        shareMode: row,
        protocols: 3,
      });
  }
}

/** What the connection that was there first sees when the other has been served. */
async function holderSees(
  b: Bench,
  holder: Connection,
  row: Row,
  profile: Profile,
): Promise<void> {
  assert.equal(holder.problem, null);
  assert.equal((await holder.transmit(APDU)).at(-2), 0x90);
  const modes = new Set([...b.reader.connections].map((c) => c.shareMode));
  const alone = modes.has("exclusive") ||
    (modes.has("direct") && profile.directIsExclusive);
  const sharing = b.reader.state.flags & (EXCLUSIVE | IN_USE);
  assert.equal(sharing, alone ? EXCLUSIVE : IN_USE);
  const runs = row === "a transaction" && b.reader.lock.owner === holder;
  await holder.disconnect();
  if (runs) assert.equal(b.reader.lock.owner, null);
}

/** Asks for one cell. */
async function ask(
  profile: Profile,
  row: Row,
  shareMode: ShareMode,
  cell: Cell,
): Promise<void> {
  const card = row !== "no card" && row !== "a mute card";
  await using b = await bench({ profile, card });
  const holder = await meet(b, row, b.manager.establishContext());
  const resets = b.reader.slot.resets;
  const asked = b.manager.establishContext().connect(b.reader.name, {
    shareMode,
    protocols: shareMode === "direct" ? 0 : 3,
  });
  asked.catch(() => {});
  const waits = typeof cell === "object";
  if (waits) {
    assert.equal(await isSettled(asked), false, "it waits");
    assert.equal((await holder?.transmit(APDU))?.at(-2), 0x90);
    await holder?.endTransaction();
  } else assert.equal(await isSettled(asked), true, "it is answered at once");
  const verdict = waits ? cell.wait : cell;
  if (verdict === "ok") {
    const made = await asked;
    assert.equal(made.shareMode, shareMode);
    assert.equal(made.activeProtocol, shareMode === "direct" ? 0 : 2);
  } else await fails(verdict, () => asked);
  if (holder === null) return;
  assert.equal(b.reader.slot.resets, resets, "nobody resets the card");
  await holderSees(b, holder, row, profile);
}

for (
  const [profile, matrix] of [
    [WINDOWS_PROFILE, WINDOWS],
    [PCSC_LITE_PROFILE, PCSC_LITE],
    [WEB_PROFILE, WEB],
  ] as const
) {
  for (const [row, cells] of Object.entries(matrix)) {
    for (const [column, shareMode] of MODES.entries()) {
      const cell = cells[column];
      const told = typeof cell === "object" ? `waits, then ${cell.wait}` : cell;
      Deno.test(`connection matrix, ${profile.name}: ${row} there, ${shareMode} asked: ${told}`, async () => {
        await ask(profile, row as Row, shareMode, cell);
      });
    }
  }
}
