// What becomes of a card whose client dies or leaves, and of those who share it: per resource manager.

import assert from "node:assert/strict";
import {
  PCSC_LITE_PROFILE,
  type Profile,
  type ShareMode,
  WEB_PROFILE,
  WINDOWS_PROFILE,
} from "../../../src/resource_manager/mod.ts";
import { IOCTL_SMARTCARD_POWER } from "../../../src/smclib/mod.ts";
import { fails, isSettled } from "../bench.ts";
import {
  APDU,
  type Clients,
  clients,
  refuses,
  SHARED,
  works,
} from "./life_cycle.ts";

/** How a client goes, what it holds, and whether its card is reset. */
type Leaving = readonly [
  Profile,
  "abandon" | "release",
  ShareMode | "transaction",
  boolean,
];

const LEAVINGS: readonly Leaving[] = [
  [WINDOWS_PROFILE, "abandon", "transaction", true],
  [WINDOWS_PROFILE, "abandon", "shared", true],
  [WINDOWS_PROFILE, "abandon", "exclusive", true],
  [WINDOWS_PROFILE, "abandon", "direct", true],
  [WINDOWS_PROFILE, "release", "transaction", true],
  [WINDOWS_PROFILE, "release", "shared", false],
  [WINDOWS_PROFILE, "release", "exclusive", false],
  [WINDOWS_PROFILE, "release", "direct", false],
  [PCSC_LITE_PROFILE, "abandon", "transaction", true],
  [PCSC_LITE_PROFILE, "abandon", "shared", false],
  [PCSC_LITE_PROFILE, "abandon", "exclusive", true],
  [PCSC_LITE_PROFILE, "abandon", "direct", false],
  [PCSC_LITE_PROFILE, "release", "transaction", true],
  [PCSC_LITE_PROFILE, "release", "shared", false],
  [PCSC_LITE_PROFILE, "release", "exclusive", true],
  [PCSC_LITE_PROFILE, "release", "direct", false],
  [WEB_PROFILE, "abandon", "transaction", true],
  [WEB_PROFILE, "abandon", "shared", false],
  [WEB_PROFILE, "abandon", "exclusive", false],
  [WEB_PROFILE, "abandon", "direct", false],
  [WEB_PROFILE, "release", "transaction", true],
  [WEB_PROFILE, "release", "shared", false],
  [WEB_PROFILE, "release", "exclusive", false],
  [WEB_PROFILE, "release", "direct", false],
];

const WORDS = { abandon: "a client dies", release: "a context is released" };

/** The other client, where there may be one, sees the reset, or nothing. */
async function leave(
  { b, first: leaving, second: staying }: Clients,
  [profile, how, held, resets]: Leaving,
): Promise<void> {
  const shareMode = held === "transaction" ? "shared" : held;
  const options = { shareMode, protocols: 3 };
  const mine = await leaving.connect(b.reader.name, options);
  const besides = shareMode === "shared" ||
    (shareMode === "direct" && !profile.directIsExclusive);
  const theirs = besides ? await staying.connect(b.reader.name) : null;
  if (held === "transaction") await mine.beginTransaction();
  const waiting = held === "transaction" ? theirs?.beginTransaction() : null;
  if (waiting !== null) {
    assert.equal(await isSettled(Promise.resolve(waiting)), false);
    Promise.resolve(waiting).catch(() => {});
  }
  const before = b.device.count(IOCTL_SMARTCARD_POWER);
  await leaving[how]();
  assert.equal(
    b.device.count(IOCTL_SMARTCARD_POWER) - before,
    resets ? 1 : 0,
  );
  await fails("SCARD_E_INVALID_HANDLE", () => mine.transmit(APDU));
  // Who waited meets a card that was reset, not the one of the transaction.
  if (waiting !== null) await fails("SCARD_W_RESET_CARD", () => waiting);
  if (theirs === null) return await works(await staying.connect(b.reader.name));
  if (resets) {
    await refuses(theirs, "SCARD_W_RESET_CARD");
    await theirs.reconnect(SHARED);
  }
  await works(theirs);
}

for (const row of LEAVINGS) {
  const [profile, how, held, resets] = row;
  const then = resets ? "the card is reset" : "the card is left";
  Deno.test(`life cycle, ${profile.name}: ${WORDS[how]}, ${held}: ${then}`, async () => {
    const two = await clients(profile);
    await using _ = two.b;
    await leave(two, row);
  });
}
