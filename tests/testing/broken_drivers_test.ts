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
import { brokenEndDrivers } from "./broken_drivers_end.ts";
import { brokenInterruptionDrivers } from "./broken_drivers_interruptions.ts";
import { brokenWaitingDrivers } from "./broken_drivers_waiting.ts";

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
  ...brokenInterruptionDrivers,
  ...brokenWaitingDrivers,
  ...brokenEndDrivers,
];

/** Nothing of these drivers takes real time, so a short deadline tells that a request never ends. */
const OPTIONS: LawOptions = {
  canEject: true,
  waitsForRequests: true,
  deadlineMs: 60,
  inserts: 20,
};
/** For the laws that let time pass. */
const UNHURRIED: LawOptions = { ...OPTIONS, deadlineMs: 3000 };

/** The breach of a law, or null. */
async function breachOf(
  law: Law,
  driver: BrokenDriver,
): Promise<LawBroken | null> {
  try {
    const options = law.takesTime ? UNHURRIED : OPTIONS;
    await runLaw(law, () => driver.make(), options);
    return null;
  } catch (error) {
    if (error instanceof LawBroken) return error;
    throw error;
  }
}

type Breaches = ReadonlyMap<Law, LawBroken | null>;

/** What the laws that let time pass find, with all drivers at once. */
async function findSlowly(): Promise<ReadonlyMap<BrokenDriver, Breaches>> {
  const slow = laws.filter(({ takesTime }) => takesTime);
  const found = DRIVERS.map(async (driver) => {
    const breaches = slow.map(async (law) =>
      [law, await breachOf(law, driver)] as const
    );
    return [driver, new Map(await Promise.all(breaches))] as const;
  });
  return new Map(await Promise.all(found));
}

let foundSlowly: ReadonlyMap<BrokenDriver, Breaches> | null = null;

for (const driver of DRIVERS) {
  Deno.test(`the law book finds out: ${driver.fault}`, async () => {
    const found: LawBroken[] = [];
    foundSlowly ??= await findSlowly();
    for (const law of laws) {
      if (lawLeftOut(law, OPTIONS) !== null) continue;
      const breach = law.takesTime
        ? foundSlowly.get(driver)?.get(law) ?? null
        : await breachOf(law, driver);
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
