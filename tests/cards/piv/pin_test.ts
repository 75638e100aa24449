// Invariant: nothing but the right PIN or PUK makes a counter go up, and nothing but a wrong one makes it go down.

import assert from "node:assert/strict";
import { OTHER_PIN, PIN, PivHost, PUK, verifyPin } from "./piv_host.ts";

const WRONG = "3030303030303030";
const NO_PIN = "31323334FFFFFFFF";

Deno.test("VERIFY asks, compares, counts, blocks and gives up", async () => {
  const host = new PivHost();
  await host.run(
    ["00200080", "63C3"],
    [verifyPin(WRONG), "63C2"],
    ["00200080", "63C2"],
    [verifyPin(PIN), "9000"],
    ["00200080", "9000"],
    ["0020FF80", "9000"],
    ["00200080", "63C3"],
    [verifyPin(PIN), "9000"],
    [verifyPin(WRONG), "63C2"],
    ["00200080", "63C2"],
    [verifyPin(WRONG), "63C1"],
    [verifyPin(WRONG), "63C0"],
    [verifyPin(PIN), "6983"],
    ["00200080", "6983"],
  );
});

Deno.test("VERIFY refuses what is no PIN, and counts nothing", async () => {
  const host = new PivHost();
  await host.run(
    [verifyPin(PIN), "9000"],
    [verifyPin(NO_PIN), "6A80"],
    ["0020008006313233343536", "6A80"],
    [verifyPin("31323334353637FE"), "6A80"],
    [verifyPin("3132333435FF37FF"), "6A80"],
    ["00200000", "6A88"],
    ["00200081", "6A88"],
    ["00200180", "6A86"],
    ["0020FF8001FF", "6A80"],
    ["00200080", "9000"],
  );
  assert.equal(host.card.state.pin.triesLeft, 3);
});

Deno.test("CHANGE REFERENCE DATA for the PIN", async () => {
  const host = new PivHost();
  await host.run(
    [`0024008010${PIN}${NO_PIN}`, "6A80"],
    [`0024008010${NO_PIN}${PIN}`, "6A80"],
    [`002400800F${PIN}${PIN.slice(2)}`, "6A80"],
    [`0024018010${PIN}${OTHER_PIN}`, "6A86"],
    [`0024008210${PIN}${OTHER_PIN}`, "6A88"],
    ["00200080", "63C3"],
    [`0024008010${WRONG}${OTHER_PIN}`, "63C2"],
    [`0024008010${PIN}${OTHER_PIN}`, "9000"],
    ["00200080", "9000"],
    ["0020FF80", "9000"],
    ["00200080", "63C3"],
    [verifyPin(PIN), "63C2"],
    [verifyPin(OTHER_PIN), "9000"],
    [`0024008010${WRONG}${OTHER_PIN}`, "63C2"],
    ["00200080", "63C2"],
    [`0024008010${WRONG}${OTHER_PIN}`, "63C1"],
    [`0024008010${WRONG}${OTHER_PIN}`, "63C0"],
    [`0024008010${OTHER_PIN}${PIN}`, "6983"],
  );
});

Deno.test("CHANGE REFERENCE DATA for the PUK, of any bytes", async () => {
  const host = new PivHost();
  const puk = "00FF112233445566";
  await host.run(
    [`0024008110${PUK}${puk}`, "9000"],
    ["00200080", "63C3"],
    [`0024008110${PUK}${puk}`, "63C2"],
    [`0024008110${puk}${PUK}`, "9000"],
  );
  assert.equal(host.card.state.puk.triesLeft, 3);
});

Deno.test("RESET RETRY COUNTER takes the PUK, and counts its tries", async () => {
  const host = new PivHost({ pinTries: 1, pukTries: 2 });
  await host.run(
    [verifyPin(WRONG), "63C0"],
    [`002C008010${PUK}${NO_PIN}`, "6A80"],
    [`002C00800F${PUK}${PIN.slice(2)}`, "6A80"],
    [`002C018010${PUK}${PIN}`, "6A86"],
    [`002C008110${PUK}${PIN}`, "6A88"],
    [`002C008010${WRONG}${PIN}`, "63C1"],
    ["00200080", "6983"],
    [`002C008010${PUK}${OTHER_PIN}`, "9000"],
    ["00200080", "63C1"],
    [verifyPin(OTHER_PIN), "9000"],
    [`002C008010${WRONG}${PIN}`, "63C1"],
    [`002C008010${WRONG}${PIN}`, "63C0"],
    [`002C008010${PUK}${PIN}`, "6983"],
    [`0024008110${PUK}${PUK}`, "6983"],
    ["00200080", "9000"],
  );
});

Deno.test("a reset forgets who was verified, and no counter", async () => {
  const host = new PivHost();
  await host.run([verifyPin(WRONG), "63C2"]);
  host.card.reset();
  await host.run(["00200080", "63C2"], [verifyPin(PIN), "9000"]);
  host.card.reset();
  await host.run(["00200080", "63C3"]);
});
