/** Metrics as Prometheus reads them, as text and over HTTP. */

import assert from "node:assert/strict";
import {
  metricsHandler,
  prometheusText,
} from "../../src/resource_manager/mod.ts";
import { bench, fails } from "./bench.ts";
import { parseExposition } from "./exposition_parser.ts";
import { FakeReader } from "./fake_reader.ts";

const NAME = "Fake Reader 0";
const APDU = Uint8Array.of(0x00, 0xB0, 0x00, 0x00, 0x10);

Deno.test("prometheus: the text is read back, whatever readers are called", async () => {
  await using setup = await bench();
  const { manager, device } = setup;
  const names = ['"quoted" \\ {a="b"}', "two\nlines \\n", "ÄÖ €", ""];
  for (const name of names) await manager.addReader(new FakeReader(), { name });
  const connection = await manager.establishContext().connect(NAME);
  device.pace = "async";
  await connection.transmit(APDU);
  await fails("SCARD_E_NOT_TRANSACTED", () => connection.endTransaction());
  const families = parseExposition(prometheusText(manager));
  const values = (name: string) =>
    families.get(name)!.samples.map(({ labels, value }) => [labels, value]);
  assert.deepEqual(
    families.get("scard_card_present")!.samples.map(({ labels, value }) => [
      labels.reader,
      value,
    ]),
    [[NAME, 1], ...names.map((name) => [name, 0])],
  );
  assert.deepEqual(values("scard_contexts"), [[{}, 1]]);
  assert.deepEqual(values("scard_readers"), [[{}, 5]]);
  assert.deepEqual(values("scard_errors_total"), [
    [{ code: "SCARD_E_NOT_TRANSACTED" }, 1],
  ]);
  assert.deepEqual(values("scard_apdu_bytes_total").slice(0, 2), [
    [{ reader: NAME, direction: "sent" }, 5],
    [{ reader: NAME, direction: "received" }, 7],
  ]);
  const duration = families.get("scard_apdu_duration_seconds")!;
  assert.equal(duration.type, "histogram");
  const buckets = duration.samples.filter(({ name, labels }) =>
    name.endsWith("_bucket") && labels.reader === NAME
  );
  assert.deepEqual(buckets.map(({ labels }) => labels.le).slice(0, 3), [
    "0.001",
    "0.0025",
    "0.005",
  ]);
  assert.equal(buckets.at(-1)!.labels.le, "+Inf");
  for (const { help, type } of families.values()) {
    assert.ok(help.length > 0 && type !== "");
  }
});

Deno.test("prometheus: the test's parser refuses what the format does", () => {
  const head = "# HELP a A.\n# TYPE a counter\n";
  const histogram = "# HELP h H.\n# TYPE h histogram\n";
  for (
    const text of [
      `${head}a 1`,
      "a 1\n",
      `${head}b 1\n`,
      `${head}a -1\n`,
      `${head}a 1\na 1\n`,
      `${head}a{x="1} 1\n`,
      `${head}a{x="\\q"} 1\n`,
      `${head}a{x="1",x="2"} 1\n`,
      `${head}a Infinity\n`,
      `${head}${head}`,
      `${histogram}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
      `${histogram}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n`,
      `${histogram}h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n`,
      `${histogram}h_bucket{le="+Inf"} 1\nh_count 1\n`,
    ]
  ) assert.throws(() => parseExposition(text), Error, text);
});

Deno.test("metricsHandler: GET and HEAD of one path", async () => {
  await using setup = await bench();
  const handler = metricsHandler(setup.manager);
  const ask = (path: string, method = "GET") =>
    handler(new Request(`http://127.0.0.1:9464${path}`, { method }));
  const answer = ask("/metrics?x=1");
  assert.equal(answer.status, 200);
  assert.equal(
    answer.headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
  assert.ok(parseExposition(await answer.text()).has("scard_readers"));
  const head = ask("/metrics", "HEAD");
  assert.deepEqual([head.status, await head.text()], [200, ""]);
  assert.equal(ask("/").status, 404);
  const post = ask("/metrics", "POST");
  assert.deepEqual([post.status, post.headers.get("allow")], [
    405,
    "GET, HEAD",
  ]);
  const other = metricsHandler(setup.manager, { path: "/" });
  assert.equal(other(new Request("http://127.0.0.1/")).status, 200);
});

Deno.test("metricsHandler: serves on the loopback interface", async () => {
  await using setup = await bench();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    metricsHandler(setup.manager),
  );
  const response = await fetch(
    `http://127.0.0.1:${server.addr.port}/metrics`,
    { signal: AbortSignal.timeout(5000) },
  );
  assert.ok(parseExposition(await response.text()).size > 10);
});
