// Every name of the driver library is there, under its own name, with its value and a word of explanation.

import assert from "node:assert/strict";
import * as smclib from "../../src/smclib/mod.ts";

interface Name {
  readonly name: string;
  readonly kind: string;
  /** Constants only. */
  readonly value?: number | string;
  /** Structures and members: the class here. */
  readonly class?: string;
  /** Structures and members: where the structure lies in a SmartcardExtension. */
  readonly path?: string;
  /** Members only: the structure. */
  readonly of?: string;
}

const { names } = JSON.parse(
  Deno.readTextFileSync(
    new URL("../data/smclib-names.json", import.meta.url),
  ),
) as { names: Name[] };

const exported: Readonly<Record<string, unknown>> = smclib;
const NOT_CONSTANT = ["routine", "structure", "member"];
const constants = names.filter(({ kind }) => !NOT_CONSTANT.includes(kind));
const members = names.filter(({ kind }) => kind === "member");

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A structure member here: first word in lower case, an acronym counting as one word. */
function camelCase(name: string): string {
  const words = name.match(/[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+\d*/g) ??
    [];
  return words.map((word, index) =>
    index === 0
      ? word.toLowerCase()
      : word[0].toUpperCase() + word.slice(1).toLowerCase()
  ).join("");
}

Deno.test("constants are exported with their values", () => {
  for (const { name, kind, value } of constants) {
    const home = kind === "event log id" ? smclib.eventLogIds : exported;
    assert.equal((home as Record<string, unknown>)[name], value, name);
  }
});

Deno.test("routines are functions", () => {
  const routines = names.filter(({ kind }) => kind === "routine");
  assert.equal(routines.length, 25);
  for (const { name } of routines) {
    assert.equal(typeof exported[name], "function", name);
  }
  const others = Object.keys(exported).filter((name) =>
    /^Smartcard[A-Z]/.test(name) && typeof exported[name] === "function" &&
    !routines.some((routine) => routine.name === name)
  );
  // The classes of SMARTCARD_EXTENSION, SMARTCARD_REQUEST and SMARTCARD_REPLY.
  assert.deepEqual(others.sort(), ["SmartcardBuffer", "SmartcardExtension"]);
});

Deno.test("no other RDF_*, IOCTL_*, SCARD_ATTR_*, STATUS_*, T1_*, DEBUG_* or PTS_TYPE_* is exported", () => {
  const known = new Set(constants.map(({ name }) => name));
  const prefixed = Object.keys(exported).filter((name) =>
    /^(RDF_|IOCTL_|CM_IOCTL_|SCARD_(?!CTL_CODE)|STATUS_|T1_|DEBUG_|PTS_TYPE_)/
      .test(name)
  );
  assert.deepEqual(prefixed.filter((name) => !known.has(name)), []);
  assert.deepEqual(
    Object.keys(smclib.eventLogIds).filter((name) => !known.has(name)),
    [],
  );
  assert.deepEqual(
    constants.filter(({ kind }) => kind === "own name").map(({ name }) => name),
    ["IOCTL_SMARTCARD_VENDOR_FIRST", "SCARD_IO_REQUEST_LENGTH"],
  );
});

Deno.test("structures have their members under the names of the naming rule", () => {
  const ext = new smclib.SmartcardExtension();
  ext.version = smclib.SMCLIB_VERSION;
  assert.equal(smclib.SmartcardInitialize(ext), smclib.STATUS_SUCCESS);
  for (const { name, of, path } of members) {
    const steps = [path ?? "", ...name.split(".").map(camelCase)].join(".");
    let place: unknown = ext;
    for (const step of steps.split(".").filter((part) => part !== "")) {
      assert.ok(isRecord(place), `${of}.${name}: nothing at ${steps}`);
      assert.ok(step in place, `${of}.${name}: no ${step} in ${steps}`);
      place = place[step];
    }
    assert.notEqual(place, undefined, `${of}.${name}`);
  }
  assert.equal(ext.readerFunction.length, 16);
  assert.equal(ext.cardCapabilities.atr.buffer.length, 64);
  assert.equal(ext.cardCapabilities.historicalChars.buffer.length, 16);
  smclib.SmartcardExit(ext);
});

Deno.test("the naming rule gives the published examples", () => {
  for (
    const [windows, here] of [
      ["CurrentState", "currentState"],
      ["CLKFrequency", "clkFrequency"],
      ["CLKFrequenciesSupported", "clkFrequenciesSupported"],
      ["MaxIFSD", "maxIfsd"],
      ["NotificationIrp", "notificationIrp"],
      ["SSN", "ssn"],
      ["T1", "t1"],
      ["Lc", "lc"],
      ["ATR", "atr"],
      ["InversConvention", "inversConvention"],
      ["DNumerator", "dNumerator"],
    ]
  ) assert.equal(camelCase(windows), here);
});

interface Documented {
  readonly name: string;
  readonly jsDoc?: { readonly doc?: string };
}

interface Declared extends Documented {
  readonly declarations: readonly (Documented & {
    readonly def: {
      readonly properties?: readonly Documented[];
      readonly methods?: readonly Documented[];
    };
  })[];
}

/** What `deno doc` knows of the library's exports. */
async function documentation(): Promise<ReadonlyMap<string, Declared>> {
  const url = new URL("../../src/smclib/mod.ts", import.meta.url);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", url.href],
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(60_000),
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, { symbols: Declared[] }>;
  };
  return new Map(
    Object.values(nodes).flatMap(({ symbols }) => symbols)
      .map((symbol) => [symbol.name, symbol]),
  );
}

function docOf(documented: readonly Documented[]): string {
  return documented.map(({ jsDoc }) => jsDoc?.doc ?? "").join("\n").trim();
}

Deno.test("every name has a public doc comment, and a member's names it as Windows does", async () => {
  const symbols = await documentation();
  const missing: string[] = [];
  const require = (
    what: string,
    doc: string,
    words: readonly string[] = [],
  ) => {
    const absent = words.filter((word) =>
      !new RegExp(`\\b${word}\\b`).test(doc)
    );
    if (doc === "") missing.push(`${what}: no doc comment`);
    else if (absent.length > 0) {
      missing.push(`${what}: ${absent.join(", ")} not in "${doc}"`);
    }
  };
  for (const { name, kind, class: home, of } of names) {
    const declarations = symbols.get(home ?? name)?.declarations ?? [];
    if (kind === "structure") {
      require(name, docOf(declarations), [name]);
    } else if (kind === "routine") {
      require(name, docOf(declarations), [name]);
    } else if (kind !== "member") {
      if (kind !== "event log id") require(name, docOf(declarations));
    } else {
      const first = camelCase(name.split(".")[0]);
      const found = declarations.flatMap(({ def }) => [
        ...def.properties ?? [],
        ...def.methods ?? [],
      ]).filter((member) => member.name === first);
      require(`${of}.${name}`, docOf(found), name.split("."));
    }
  }
  require("eventLogIds", docOf(symbols.get("eventLogIds")?.declarations ?? []));
  for (const name of ["systemSleep", "systemWake", "kernelDeviceName"]) {
    require(name, docOf(symbols.get(name)?.declarations ?? []));
  }
  // Nothing public is without a word, whatever it is called.
  for (const [name, { declarations }] of symbols) {
    require(name, docOf(declarations));
  }
  assert.deepEqual(missing, []);
});
