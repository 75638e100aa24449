/**
 * The resource manager: connections, transactions, events, and what many readers and
 * contexts cost.
 *
 * @module
 */

import {
  type Connection,
  ResourceManager,
  SCARD_PROTOCOL_T1,
} from "../src/resource_manager/mod.ts";
import { VirtualReader } from "../src/drivers/virtual/mod.ts";
import { AnsweringCard } from "./answering_card.ts";
import { goalOf } from "./goals.ts";
import { asynchronous, type Contender, synchronous } from "./harness.ts";
import { COMMAND, openHouse } from "./house.ts";
import { measureRows, type Report, type Work } from "./results.ts";
import { judge } from "./targets.ts";

const GROUP = "resource manager";
/** Contenders for one reader, and the exchanges that they have together. */
const CONTENDERS = 16;
const EXCHANGES = 20_000;
/** How many readers stand beside the one that is used. */
const CROWDS = [1, 10, 100, 1000];
const WAITING_CONTEXTS = 5000;
const STATE_EMPTY = 0x10;

/** Runs the bench. */
export async function benchManager(report: Report): Promise<void> {
  const house = await openHouse("t1", new AnsweringCard("t1"));
  const { context } = house.engine;
  const work = (what: string, ours: Contender): Work => ({
    group: GROUP,
    work: what,
    ours,
    rivals: [],
    goal: goalOf(GROUP, what, "time"),
    operations: 1,
  });
  await measureRows(report, [
    work(
      "transmit through every floor to a virtual T=1 card that answers at once",
      asynchronous(
        "SmartCardConnection.transmit",
        () => house.web.transmit(COMMAND),
      ),
    ),
    work(
      "connect to a card that others use, and disconnect",
      asynchronous("ResourceContext.connect", async () => {
        const connection = await context.connect(house.engine.reader.name, {
          protocols: SCARD_PROTOCOL_T1,
        });
        await connection.disconnect();
      }),
    ),
    work("a transaction handed over to the next waiter", await handOver(house)),
  ]);
  await reportFairness(report);
  for (const readers of CROWDS) await benchCrowd(report, readers, work);
}

/** Two connections that take turns: one waits, the other one ends. */
async function handOver(
  { engine }: { engine: Connection },
): Promise<Contender> {
  const { context, reader } = engine;
  let [holder, next] = await Promise.all(
    [0, 1].map(() =>
      context.connect(reader.name, { protocols: SCARD_PROTOCOL_T1 })
    ),
  );
  return asynchronous("Connection.beginTransaction, awaited", async () => {
    if (reader.lock.owner === null) await holder.beginTransaction();
    const waiting = next.beginTransaction();
    holder.endTransaction();
    await waiting;
    next.endTransaction();
    [holder, next] = [next, holder];
  });
}

/** Among contenders that begin, transmit and end without a pause: the most served by the least served. */
async function reportFairness(report: Report): Promise<void> {
  const { engine } = await openHouse("t1", new AnsweringCard("t1"));
  const { manager } = engine.context;
  const served = new Array<number>(CONTENDERS).fill(0);
  let left = EXCHANGES;
  await Promise.all(served.map(async (_, index) => {
    const connection = await manager.establishContext().connect(
      engine.reader.name,
      { protocols: SCARD_PROTOCOL_T1 },
    );
    while (left-- > 0) {
      await connection.beginTransaction();
      await connection.transmit(COMMAND);
      await connection.endTransaction();
      served[index]++;
    }
  }));
  await manager.close();
  const ratio = Math.max(...served) / Math.min(...served);
  const what =
    `${CONTENDERS} contenders for one reader, begin, transmit, end: most served by least served`;
  const goal = goalOf(GROUP, what, "ratio");
  report.reading({
    group: GROUP,
    work: what,
    value: ratio,
    unit: "",
    target: goal === undefined ? null : judge(goal, ratio),
  });
}

/** One reader among `readers`, with contexts that wait for others. */
async function benchCrowd(
  report: Report,
  readers: number,
  work: (what: string, ours: Contender) => Work,
): Promise<void> {
  await using manager = new ResourceManager();
  const devices = Array.from(
    { length: readers },
    (_, unitNo) => new VirtualReader({ unitNo }),
  );
  const bytesBefore = heapBytes();
  for (const device of devices) await manager.addReader(device);
  if (readers === Math.max(...CROWDS)) {
    const bytes = heapBytes() - bytesBefore;
    report.reading({
      group: GROUP,
      work: `memory of a reader, ${readers} of them: KiB each`,
      value: bytes / readers / 1024,
      unit: "KiB",
      target: null,
    });
  }
  const [reader] = manager.readers;
  const contexts = readers === Math.max(...CROWDS) ? WAITING_CONTEXTS : 1;
  const idle: Promise<unknown>[] = [];
  for (let i = 0; i < contexts; i++) {
    const other = manager.readers[1 + i % Math.max(1, readers - 1)];
    if (other === undefined) continue;
    const context = manager.establishContext();
    idle.push(
      context.getStatusChange([{
        readerName: other.name,
        currentState: STATE_EMPTY,
      }]).catch(() => {}),
    );
  }
  const beside =
    `${readers} readers, ${idle.length} contexts waiting for others`;
  const wakeUp = insertionContender(manager, devices[0], reader.name);
  await measureRows(report, [
    work(`a card's insertion reaches getStatusChange, ${beside}`, wakeUp),
  ]);
  const card = new AnsweringCard("t1");
  devices[0].insert(card);
  const connection = await manager.establishContext().connect(reader.name, {
    protocols: SCARD_PROTOCOL_T1,
  });
  await measureRows(report, [
    work(
      `transmit from the resource manager on, ${beside}`,
      synchronous("Connection.transmit", () => {
        if (connection.transmit(COMMAND) instanceof Promise) {
          throw new Error("Cannot measure: no answer at once");
        }
      }),
    ),
  ]);
  await manager.close();
  await Promise.all(idle);
}

/** From `insert` to the answer; taking the card out again does not count. */
function insertionContender(
  manager: ResourceManager,
  device: VirtualReader,
  readerName: string,
): Contender {
  const context = manager.establishContext();
  const card = new AnsweringCard("t1");
  return {
    name: "ResourceContext.getStatusChange, awaited",
    async run(cycles) {
      let spent = 0;
      for (let i = 0; i < cycles; i++) {
        const [{ eventState, eventCount }] = context.readerStates([
          { readerName, currentState: 0 },
        ]);
        const known = {
          readerName,
          currentState: eventState,
          currentCount: eventCount,
        };
        const insertion = context.getStatusChange([known]);
        const start = performance.now();
        device.insert(card);
        const [after] = await insertion;
        spent += performance.now() - start;
        const removal = context.getStatusChange([{
          readerName,
          currentState: after.eventState,
          currentCount: after.eventCount,
        }]);
        device.remove();
        await removal;
      }
      return spent * 1e6;
    },
  };
}

function heapBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
