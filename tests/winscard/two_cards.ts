/** Two readers with a card each, for dialogs. */

import type { CardDialog, DialogCard } from "../../src/winscard/mod.ts";
import { FakeReader, TEST_ATR } from "../resource_manager/fake_reader.ts";
import { type Desk, desk } from "./desk.ts";

const OTHER_ATR = Uint8Array.of(0x3B, 0x00);
export const SECOND = "Fake Reader 1";

/** Two readers, a card in each, of types "Test" and "Other". */
export async function twoCards(
  chooseCard?: (dialog: CardDialog) => Promise<DialogCard | null>,
): Promise<Desk & { second: FakeReader }> {
  const d = await desk({ chooseCard });
  const second = new FakeReader();
  second.unit = 1;
  second.insert(OTHER_ATR);
  await d.manager.addReader(second);
  await d.ws.SCardIntroduceCardType(d.hContext, "Test", null, null, TEST_ATR);
  await d.ws.SCardIntroduceCardType(d.hContext, "Other", null, null, OTHER_ATR);
  return {
    ...d,
    [Symbol.asyncDispose]: () => d[Symbol.asyncDispose](),
    second,
  };
}
