import assert from "node:assert/strict";
import {
  createWinscard,
  SCARD_SHARE_EXCLUSIVE,
} from "../../src/winscard/mod.ts";
import { ends, NAME } from "./desk.ts";
import { SECOND, twoCards } from "./two_cards.ts";

const ok = "SCARD_S_SUCCESS";

Deno.test("dialog: the program looks at the cards with its own functions", async () => {
  await using d = await twoCards();
  const log: string[] = [];
  const { ws, hContext } = d;
  const connect = async (
    context: number,
    reader: string,
    cards: readonly string[],
    userData: unknown,
  ) => {
    log.push(`connect ${reader} ${cards} ${userData}`);
    return (await ws.SCardConnect(context, reader, 2, 3)).hCard;
  };
  const check = async (context: number, hCard: number, userData: unknown) => {
    assert.equal(context, hContext);
    const { names } = await ws.SCardStatus(hCard);
    log.push(`check ${names} ${userData}`);
    return names[0] === SECOND;
  };
  const disconnect = async (_: number, hCard: number, userData: unknown) => {
    const { code } = await ws.SCardDisconnect(hCard, 0);
    log.push(`disconnect ${code} ${userData}`);
  };
  const expected = [
    `connect ${NAME} Test 5`,
    `check ${NAME} 5`,
    "disconnect 0 5",
    `connect ${SECOND} Other 5`,
    `check ${SECOND} 5`,
    "disconnect 0 5",
    `connect ${SECOND} Other 5`,
  ];
  const chosen = await ws.SCardUIDlgSelectCard({
    hContext,
    userData: 5,
    search: { check: { check, connect, disconnect } },
    connect,
  });
  assert.deepEqual([chosen.code, chosen.reader], [0, SECOND]);
  assert.deepEqual(log.splice(0), expected);
  const old = await ws.GetOpenCardName({
    hContext,
    userData: 5,
    check,
    connect,
    disconnect,
  });
  assert.deepEqual([old.code, old.reader], [0, SECOND]);
  assert.deepEqual(log.splice(0), expected);
  const status = await ws.SCardStatus(old.hCard);
  assert.deepEqual(status.names, [SECOND]);
});

Deno.test("dialog: the looks of its own, and cards that it cannot look at", async () => {
  await using d = await twoCards();
  const { ws, hContext } = d;
  ends(ok, await ws.SCardConnect(hContext, NAME, SCARD_SHARE_EXCLUSIVE, 3));
  const seen: number[] = [];
  const check = (_: number, hCard: number) => seen.push(hCard) > 0;
  const { code, reader } = await ws.GetOpenCardName({
    hContext,
    check,
    shareMode: SCARD_SHARE_EXCLUSIVE,
  });
  assert.deepEqual([code, reader, seen.length], [0, SECOND, 1]);
  ends("SCARD_E_INVALID_HANDLE", await ws.SCardStatus(seen[0]));
});

Deno.test("dialog: an exception of the program's functions is the program's", async () => {
  await using d = await twoCards();
  const broken = () => {
    throw new RangeError("broken");
  };
  await assert.rejects(
    d.ws.SCardUIDlgSelectCard({
      hContext: d.hContext,
      search: { check: { check: broken } },
    }),
    /broken/,
  );
  assert.equal(d.reader.connections.size, 0);
  const ws = createWinscard({ manager: d.manager, chooseCard: broken });
  const { hContext } = await ws.SCardEstablishContext(0);
  await assert.rejects(
    ws.SCardUIDlgSelectCard({ hContext, flags: 4 }),
    /broken/,
  );
});
