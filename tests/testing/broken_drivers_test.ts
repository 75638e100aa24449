import assert from "node:assert/strict";
import {
  type Law,
  LawBroken,
  lawLeftOut,
  type LawOptions,
  laws,
  runLaw,
} from "../../src/testing/mod.ts";
import type { BrokenDriver } from "./broken_driver.ts";
import {
  brokenAttributeDrivers,
  brokenResetDrivers,
} from "./broken_drivers_reset.ts";
import { brokenSelectionDrivers } from "./broken_drivers_selection.ts";
import { brokenSlotDrivers } from "./broken_drivers_slot.ts";
import { brokenTransmitDrivers } from "./broken_drivers_transmit.ts";
import { brokenSleepDrivers } from "./broken_drivers_sleep.ts";
import { brokenT0Drivers } from "./broken_drivers_t0.ts";
import { brokenT1Drivers } from "./broken_drivers_t1.ts";
import { brokenInterfaceDrivers } from "./broken_drivers_interface.ts";

const DRIVERS: readonly BrokenDriver[] = [
  ...brokenSlotDrivers,
  ...brokenInterfaceDrivers,
  ...brokenAttributeDrivers,
  ...brokenResetDrivers,
  ...brokenSelectionDrivers,
  ...brokenTransmitDrivers,
  ...brokenT0Drivers,
  ...brokenT1Drivers,
  ...brokenSleepDrivers,
];

/** Nothing of these drivers takes real time, so a short deadline tells that a request never ends. */
const OPTIONS: LawOptions = { canEject: true, deadlineMs: 60, inserts: 20 };

/** The breach of a law, or null. */
async function breachOf(
  law: Law,
  driver: BrokenDriver,
): Promise<LawBroken | null> {
  try {
    await runLaw(law, () => driver.make(), OPTIONS);
    return null;
  } catch (error) {
    if (error instanceof LawBroken) return error;
    throw error;
  }
}

for (const driver of DRIVERS) {
  Deno.test(`the law book finds out: ${driver.fault}`, async () => {
    const found: LawBroken[] = [];
    for (const law of laws) {
      if (lawLeftOut(law, OPTIONS) !== null) continue;
      const breach = await breachOf(law, driver);
      if (breach !== null) found.push(breach);
    }
    assert.deepEqual(
      found.map(({ law }) => law),
      driver.breaks,
      found.map(({ message }) => message).join("\n"),
    );
    for (const { law, message } of found) {
      assert.ok(
        message.startsWith(`Cannot keep the law "${law}": `) &&
          message.includes("expected"),
        message,
      );
    }
  });
}

Deno.test("every law is broken by a driver", () => {
  const broken = new Set(DRIVERS.flatMap(({ breaks }) => breaks));
  assert.deepEqual(
    laws.map(({ name }) => name).filter((name) => !broken.has(name)),
    [],
  );
});
