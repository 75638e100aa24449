/**
 * The demo: an application's APDUs travel through the whole house and back.
 *
 * @module
 */

// @ts-types="./std_cli.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { VirtualReader } from "../drivers/virtual/mod.ts";
import { ResourceManager } from "../resource_manager/mod.ts";
import { SmartCardResourceManager } from "../smart_card/mod.ts";
import {
  traceCallbacks,
  traceDevice,
  traceLink,
  Tracer,
} from "../tracing/mod.ts";
import { DemoPrinter } from "./demo_print.ts";
import { scenePulled, sceneT0, sceneT1, type Stage } from "./demo_scenes.ts";
import { demoVpcd } from "./demo_vpcd.ts";

/** Plays the demo on virtual hardware; every line goes to `print`. */
export async function demo(print: (line: string) => void): Promise<void> {
  const out = new DemoPrinter(print);
  let stage: Stage | null = null;
  // The PIN of the demo's card is no secret.
  const tracer = new Tracer({ sinks: [out], pins: "show" });
  tracer.addSink({
    write({ detail }) {
      if (detail.kind === "sent") stage?.onSent?.();
    },
  });
  using reader = new VirtualReader({
    wrapLink: (link) => traceLink(link, tracer, "demo"),
  });
  traceCallbacks(reader.extension, tracer, "demo");
  out.say("One APDU's way: application -> resource manager -> ioctl -> driver");
  out.say("library -> driver's callback -> T=0/T=1 machine -> wire -> card.");
  out.title("0. A resource manager with a reader");
  const manager = new ResourceManager();
  out.app("manager.addReader(new VirtualReader())");
  const { name } = await manager.addReader(traceDevice(reader, tracer, "demo"));
  const smartCard = new SmartCardResourceManager(manager);
  await using context = await smartCard.establishContext();
  out.result(`readers: ${JSON.stringify(await context.listReaders())}`);
  stage = { out, reader, context, name, onSent: null };
  await sceneT1(stage);
  await sceneT0(stage);
  await scenePulled(stage);
  out.title("4. The end");
  out.app("context.release(); manager.close()");
  await context.release();
  await manager.close();
}

const HELP = `Usage: deno task demo [--vpcd PORT]

Shows an application's APDUs on their way through every floor.

  --vpcd PORT   wait on this loopback port for a virtual card that speaks the
                vpcd protocol (vicc, jCardSim), and run against it`;

if (import.meta.main) {
  const unknown: string[] = [];
  const options = parseArgs(Deno.args, {
    boolean: ["help"],
    string: ["vpcd"],
    unknown: (arg) => {
      unknown.push(arg);
      return false;
    },
  });
  const port = options.vpcd === undefined ? null : Number(options.vpcd);
  const wrong = unknown.length > 0 ||
    (port !== null && (options.vpcd === "" || !Number.isInteger(port) ||
      port < 0 || port > 65535));
  if (wrong || options.help === true) {
    (wrong ? console.error : console.log)(HELP);
    Deno.exit(wrong ? 2 : 0);
  }
  try {
    if (port === null) await demo(console.log);
    else Deno.exit(await demoVpcd(port, console.log));
  } catch (error) {
    console.error(
      error instanceof Error ? `${error.name}: ${error.message}` : error,
    );
    Deno.exit(1);
  }
}
