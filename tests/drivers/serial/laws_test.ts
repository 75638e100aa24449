// The law book on a serial reader whose port and adaptor are simulated.

import { readerDriverLaws } from "../../../src/testing/mod.ts";
import { serialReaderUnderTest } from "./workplace.ts";

readerDriverLaws(
  () =>
    serialReaderUnderTest({
      adaptor: { power: { line: "dtr" } },
      reader: { power: { line: "dtr" } },
    }),
  { name: "serial reader", level: "character", waitsForRequests: true },
);
