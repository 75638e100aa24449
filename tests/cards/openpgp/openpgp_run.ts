/** Helpers for tests of the OpenPGP card: commands in hexadecimal, answers as expected. */
import { equal, match } from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  OpenPgpApplication,
  type OpenPgpOptions,
} from "../../../src/cards/mod.ts";

/** SELECT by the name without maker and serial number. */
export const SELECT = "00A4040006 D27600012401 00";
/** VERIFY with the passwords of a new card. */
export const PW1_SIGN = "0020008106 313233343536";
export const PW1 = "0020008206 313233343536";
export const PW3 = "0020008308 3132333435363738";
/** The same with a wrong password. */
export const WRONG_PW1_SIGN = "0020008106 303030303030";
export const WRONG_PW1 = "0020008206 303030303030";
export const WRONG_PW3 = "0020008308 3030303030303030";

/** A card, some of whose commands have run. */
export async function run(
  options: OpenPgpOptions,
  ...steps: [string, string | RegExp][]
): Promise<OpenPgpApplication> {
  const application = new OpenPgpApplication(options);
  await go(application, ...steps);
  return application;
}

/** Runs commands in turn and compares the answers. */
export async function go(
  application: OpenPgpApplication,
  ...steps: [string, string | RegExp][]
): Promise<void> {
  for (const [command, expected] of steps) {
    const got = await send(application, command);
    if (expected instanceof RegExp) match(got, expected, command);
    else equal(got, expected.replaceAll(" ", ""), `answer to ${command}`);
  }
}

/** Runs one command. */
export async function send(
  application: OpenPgpApplication,
  command: string,
): Promise<string> {
  return toHex(await application.process(fromHex(command)));
}

/** The data of the answer. @throws {AssertionError} when the status is not 9000 */
export async function ask(
  application: OpenPgpApplication,
  command: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await application.process(fromHex(command));
  equal(toHex(answer.subarray(-2)), "9000", command);
  return Uint8Array.from(answer.subarray(0, -2));
}

/** A command in extended form, as hexadecimal text; all of the answer is wanted. */
export function extended(header: string, data: Uint8Array): string {
  const length = data.length.toString(16).padStart(4, "0");
  return `${header}00${length}${toHex(data)}0000`;
}
