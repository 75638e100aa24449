import { equal } from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { FileSystemApplication } from "../../src/cards/mod.ts";
import { run } from "./file_system_run.ts";

Deno.test("VERIFY counts, blocks, and opens files", () => {
  const application = run(
    ["00200001", "63C3"],
    ["0020000104 30303030", "63C2"],
    ["00200081", "63C2"],
    ["0020000103 313233", "63C1"],
    ["0020000104 31323334", "9000"],
    ["00200001", "9000"],
    ["00B0830004", "00000000 9000"],
    ["0020FF01", "9000"],
    ["00200001", "63C3"],
    ["00B0830004", "6982"],
    ["0020000004 31323334", "9000"],
    ["00200100", "6A86"],
    ["00200041", "6A86"],
    ["00200005", "6A88"],
    ["0020FF010131", "6A87"],
    ["0020000104 30303030", "63C2"],
    ["00B0830004", "6982"],
    ["0020000104 30303030", "63C1"],
    ["0020000104 30303030", "63C0"],
    ["0020000104 31323334", "6983"],
    ["00200001", "6983"],
    ["00200002020101", "63C0"],
    ["00200002020102", "6983"],
  );
  application.reset();
  equal(toHex(application.process(fromHex("00200001"))), "6983");
});

Deno.test("CHANGE REFERENCE DATA and RESET RETRY COUNTER", () => {
  run(
    ["0024000108 30303030 35363738", "63C2"],
    ["0024000106 31323334 3536", "6A80"],
    ["0024000103 313233", "6700"],
    ["0024010104 31323334", "6A86"],
    ["0024000109 31323334 3536373839", "9000"],
    ["00B0830001", "009000"],
    ["0020000104 31323334", "63C2"],
    ["0020000105 3536373839", "9000"],
    ["00240002040102 0304", "9000"],
    ["0020000202 0304", "9000"],
    ["002C000104 AABBCCDD", "6A80"],
    ["002C010105 AABBCCDD00", "6700"],
    ["002C000103 AABBCC", "6700"],
    ["002C020104 AABBCCDD", "6A86"],
    ["002C000202 0102", "6985"],
    ["002C000108 AABBCCDD 30303030", "9000"],
    ["0020000104 30303030", "9000"],
    ["0020000104 31313131", "63C2"],
    ["002C010104 AABBCCDD", "9000"],
    ["0020000104 30303030", "9000"],
    ["002C010104 00000000", "63C1"],
    ["002C010104 00000000", "63C0"],
    ["002C010104 AABBCCDD", "6983"],
  );
  run(
    ["0020000101 31", "63C2"],
    ["0020000101 31", "63C1"],
    ["0020000101 31", "63C0"],
    ["0024000108 31323334 35363738", "6983"],
  );
});

Deno.test("GET CHALLENGE", () => {
  run(
    ["0084000004", "5A5A5A5A 9000"],
    ["0084000000", "5A5A5A5A5A5A5A5A 9000"],
    ["0084000000012C", "5A".repeat(300) + "9000"],
    ["0084010004", "6A86"],
    ["00840000", "6700"],
    ["00840000015A", "6700"],
  );
  const application = new FileSystemApplication();
  const challenge = () => toHex(application.process(fromHex("0084000010")));
  equal(challenge().length, 36);
  equal(challenge() === challenge(), false);
});

Deno.test("EF.DIR of the default card names its application", () => {
  const application = new FileSystemApplication();
  const answer = (hex: string) => toHex(application.process(fromHex(hex)));
  equal(answer("00B201F400"), "610E4F06F044454E4F01500444656E6F9000");
  equal(answer("00DC01F40100"), "6982");
  equal(answer("00A4040006F044454E4F01").slice(-4), "9000");
});

Deno.test("a PIN whose least length exceeds the usual longest can be changed", () => {
  const application = new FileSystemApplication({
    pins: [{ number: 1, value: "31323334", minLength: 20 }],
    files: [],
  });
  const next = "39".repeat(20);
  const change = fromHex(`0024000118 31323334 ${next}`);
  equal(toHex(application.process(change)), "9000");
});
