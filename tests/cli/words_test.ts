import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../src/bytes.ts";
import { isExpected, isStep, parseStep } from "../../src/cli/apdu_script.ts";
import { CliError, EXIT, exitOf } from "../../src/cli/exit_codes.ts";
import { readOptions } from "../../src/cli/options.ts";
import { chooseReader } from "../../src/cli/reader_choice.ts";
import {
  ResourceManagerError,
  SCARD_STATE_EMPTY,
  SCARD_STATE_PRESENT,
} from "../../src/resource_manager/mod.ts";
import { FakeIo, scard } from "./fake_io.ts";

Deno.test("exit codes stay what they are, and --help has them", async () => {
  assert.deepEqual(
    Object.fromEntries(
      Object.entries(EXIT).map(([name, { code }]) => [name, code]),
    ),
    {
      done: 0,
      refused: 1,
      usage: 2,
      noService: 3,
      noReader: 4,
      busy: 5,
      denied: 6,
      late: 7,
      internal: 70,
      interrupted: 130,
      outputClosed: 141,
    },
  );
  const { code, io } = await scard(["--help"]);
  assert.equal(code, 0);
  for (const { code, words } of Object.values(EXIT)) {
    assert.match(io.text, new RegExp(`^ +${code} +${words}$`, "m"));
  }
});

Deno.test("failures have the exit code of their origin", () => {
  const of = (
    name: ConstructorParameters<typeof ResourceManagerError>[0],
    cause?: unknown,
  ) => exitOf(new ResourceManagerError(name, "Cannot", { cause }));
  assert.equal(of("SCARD_E_NO_SERVICE"), "noService");
  assert.equal(
    of("SCARD_E_NO_SERVICE", new Deno.errors.PermissionDenied("no")),
    "denied",
  );
  assert.equal(of("SCARD_E_SHARING_VIOLATION"), "busy");
  assert.equal(of("SCARD_E_NO_SMARTCARD"), "refused");
  assert.equal(exitOf(new RangeError("Cannot read: x, expected y")), "usage");
  assert.equal(exitOf(new RangeError("Invalid array length")), null);
  assert.equal(exitOf("a text"), null);
});

Deno.test("options: values, lists, optional values, and what is wrong", () => {
  const rows = [
    { name: "json", kind: "flag", words: "" },
    { name: "reader", short: "r", kind: "value", value: "NAME", words: "" },
    { name: "vpcd", kind: "list", value: "PORT", words: "" },
    { name: "virtual", kind: "optional", value: "FILE", words: "" },
  ] as const;
  const read = (...args: string[]) => readOptions("test", rows, args);
  const all = read("--virtual", "00A4", "-r", "A", "--vpcd=1", "--vpcd", "2");
  assert.deepEqual(all.operands, ["00A4"]);
  assert.deepEqual(all.list("virtual"), [""]);
  assert.deepEqual(all.list("vpcd"), ["1", "2"]);
  assert.equal(all.value("reader"), "A");
  assert.equal(all.has("json"), false);
  assert.deepEqual(read("--virtual=a,b", "--json").list("virtual"), ["a,b"]);
  assert.deepEqual(read("--", "--json").operands, ["--json"]);
  for (
    const [args, message] of [
      [["--jsn"], /unknown option --jsn/],
      [["--reader"], /--reader without a value/],
      [["-r", "--json"], /--reader without a value/],
    ] as const
  ) assert.throws(() => read(...args), message);
  assert.throws(
    () => read("--vpcd", "x").integer("vpcd", 0, 9),
    /"x" found, expected a whole number, 0 to 9/,
  );
});

Deno.test("a reader is chosen by option, SCARD_READER, card, or because it is the only one", () => {
  const reader = (name: string, flags: number) => ({
    name,
    state: { flags, eventCount: 0, atr: null },
  });
  const full = reader("Alpha", SCARD_STATE_PRESENT);
  const other = reader("Beta 1", SCARD_STATE_EMPTY);
  const third = reader("Beta 2", SCARD_STATE_EMPTY);
  const io = new FakeIo();
  const choose = (readers: (typeof full)[], option?: string, world = io) =>
    chooseReader(readers, option, world);
  assert.equal(choose([full, other]), "Alpha");
  assert.equal(choose([other]), "Beta 1");
  assert.equal(choose([full, other], "Beta 1"), "Beta 1");
  assert.equal(choose([full, other, third], "beta 2"), "Beta 2");
  const env = new FakeIo({ env: { SCARD_READER: "beta 1" } });
  assert.equal(choose([full, other], undefined, env), "Beta 1");
  assert.equal(choose([full, other], "Alpha", env), "Alpha");
  for (
    const [readers, option, message] of [
      [[], undefined, /no reader found/],
      [[other, third], undefined, /2 readers and no card.*\n.*"Beta 1"/],
      [[full, { ...full, name: "B" }], undefined, /2 readers with a card/],
      [[full, other], "gamma", /no reader has this name.*\n.*"Alpha"/],
      [[other, third], "beta", /2 readers have it/],
    ] as const
  ) {
    assert.throws(
      () => choose([...readers], option),
      (error: CliError) =>
        error.exit === "noReader" && message.test(error.message),
    );
  }
});

Deno.test("scripts: steps, comments, expectations", () => {
  assert.equal(parseStep("  # nothing", "1"), null);
  assert.deepEqual(parseStep("RESET # now", "1"), {
    kind: "reset",
    place: "1",
  });
  assert.equal(isStep("00A40400=9000"), true);
  assert.equal(isStep("script.apdu"), false);
  const fits = (line: string, response: string) => {
    const step = parseStep(line, "1");
    assert.ok(step?.kind === "command");
    return isExpected(fromHex(response), step.expected);
  };
  assert.ok(fits("00 B0 00 00 02 = 9000", "01029000"));
  assert.ok(fits("00B0000002=0102 9000", "01029000"));
  assert.ok(!fits("00B0000002=0103 9000", "01029000"));
  assert.ok(fits("00B0000002=01XX9xxx", "01FF9123"));
  assert.ok(fits("00B0000002=6A82|9000", "9000"));
  assert.ok(fits("00B0000002=*", "6F00"));
  assert.ok(fits("00B0000002", "6110"));
  assert.ok(!fits("00B0000002", "6A82"));
  assert.ok(!fits("00B0000002", "6700"));
  for (
    const [line, message] of [
      ["00A4", /2 bytes found, expected 4 to 65544/],
      ["00A404Z0", /"Z" found/],
      ["00A40400=90", /"90" found/],
      ["00A40400=", /"" found/],
      ["00A40400=hello", /"hello" found/],
    ] as const
  ) assert.throws(() => parseStep(line, "file:3"), message);
});

Deno.test("whatever is typed: a step, or a failure that says what is wrong", () => {
  const typed = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[0-9A-F =|x#]{0,40}$/),
  );
  fc.assert(
    fc.property(typed, (text) => {
      try {
        parseStep(text, "here");
      } catch (error) {
        assert.ok(error instanceof CliError);
        assert.equal(error.exit, "usage");
        assert.match(error.message, /^here: Cannot .*, expected /s);
      }
    }),
    { seed: 78163, numRuns: 500 },
  );
});

Deno.test("whatever options are typed: values, or a failure that names the verb", () => {
  const word = fc.constantFrom(
    "--json",
    "--reader",
    "-r",
    "--virtual",
    "--virtual=x",
    "--",
    "-",
    "",
    "=",
    "--x",
    "-j",
    "00A4",
    "__proto__",
    "--__proto__=1",
    "--constructor.prototype=1",
    "--no-json",
  );
  const rows = [
    { name: "json", kind: "flag", words: "" },
    { name: "reader", short: "r", kind: "value", value: "N", words: "" },
    { name: "virtual", kind: "optional", value: "F", words: "" },
  ] as const;
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (args) => {
      try {
        const options = readOptions("test", rows, args);
        assert.equal(typeof options.has("json"), "boolean");
        assert.ok(options.list("virtual").every((text) => text !== undefined));
      } catch (error) {
        assert.ok(error instanceof CliError, String(error));
        assert.match(error.message, /^Cannot run scard test: /);
      }
    }),
    { seed: 78163, numRuns: 500 },
  );
});
