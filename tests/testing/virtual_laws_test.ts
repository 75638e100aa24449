// Invariant: the virtual reader keeps every law, with both protocols and with either alone.

import { VirtualReader } from "../../src/drivers/virtual/mod.ts";
import {
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
} from "../../src/smclib/mod.ts";
import { type LawProtocol, readerDriverLaws } from "../../src/testing/mod.ts";
import {
  virtualReaderUnderTest,
  waitingForRequests,
} from "./virtual_reader.ts";

const READERS: readonly [string, readonly LawProtocol[], number][] = [
  ["virtual reader", ["t0", "t1"], SCARD_PROTOCOL_Tx],
  ["virtual reader of T=0", ["t0"], SCARD_PROTOCOL_T0],
  ["virtual reader of T=1", ["t1"], SCARD_PROTOCOL_T1],
];

for (const [name, protocols, supportedProtocols] of READERS) {
  readerDriverLaws(() => {
    const reader = new VirtualReader();
    reader.extension.readerCapabilities.supportedProtocols = supportedProtocols;
    return waitingForRequests(virtualReaderUnderTest(reader));
  }, { name, protocols, canEject: true, waitsForRequests: true });
}
