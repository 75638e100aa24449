import assert from "node:assert/strict";
import { chromium, type Page } from "playwright-core";
import {
  bundleCore,
  bundlePortable,
  CORE_FILE,
  PORTABLE_FILE,
} from "../../scripts/bundle.ts";
import { DEADLINE_MS, withinDeadline } from "../../scripts/deadline.ts";
import type { Report } from "./collector.ts";
import { findChromium, programTest } from "./programs.ts";
import {
  assertAllPassed,
  bundledName,
  bundleSuite,
  coreTestFiles,
  type SuiteModule,
  testsInDeno,
} from "./suite.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

const PAGE = `<!DOCTYPE html>
<html lang="en"><title>Core</title><link rel="icon" href="data:,"></html>`;

/** All that a page must allow for the core: its own scripts, and WASM, which is part of one. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";

/** The same of a page that forbids WASM. */
const POLICY_WITHOUT_WASM = POLICY.replace(" 'wasm-unsafe-eval'", "");

/** Serves the page at `/`, and the scripts in `folder` beside it. */
function servePage(
  folder: URL,
  policy: string = POLICY,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async ({ url }) => {
      const name = new URL(url).pathname.slice(1);
      const isPage = name === "";
      return new Response(
        isPage ? PAGE : await Deno.readFile(new URL(name, folder)),
        {
          headers: {
            "content-type": isPage ? "text/html" : "text/javascript",
            "content-security-policy": policy,
          },
        },
      );
    },
  );
}

/** Opens the page in a browser for as long as `work` takes, or the deadline, which says `what` was waited for; the browser is gone afterwards. */
async function withPage<Result>(
  executablePath: string,
  origin: string,
  what: string,
  work: (page: Page) => Promise<Result>,
): Promise<Result> {
  const timeout = DEADLINE_MS;
  await using browser = await chromium.launch({ executablePath, timeout });
  return await withinDeadline(`${what} in Chromium`, async () => {
    const page = await browser.newPage();
    await page.goto(origin, { timeout });
    return await work(page);
  });
}

programTest(
  "Chromium runs all tests of the core against the minified bundle",
  await findChromium(),
  async (executablePath) => {
    await using folder = new TemporaryFolder();
    const site = await folder.folder("site");
    await Deno.writeFile(new URL(CORE_FILE, site), await bundleCore());
    await bundleSuite(site, "browser", `/${CORE_FILE}`);
    const files = coreTestFiles();
    await using server = servePage(site);
    const origin = `http://127.0.0.1:${server.addr.port}`;
    const requested: string[] = [];
    const reports: Record<string, Report> = {};
    const what = "all tests of the core";
    await withPage(executablePath, origin, what, async (page) => {
      page.on("request", (request) => requested.push(request.url()));
      for (const file of files) {
        reports[file] = await page.evaluate(async (path) => {
          const { runTests }: SuiteModule = await import(path);
          return await runTests();
        }, `/${bundledName(file)}`);
      }
    });
    assertAllPassed(
      reports,
      await testsInDeno(await folder.folder("reference")),
    );
    assert.deepEqual(
      requested.filter((url) => !url.startsWith("data:")).sort(),
      [CORE_FILE, ...files.map(bundledName)]
        .map((name) => `${origin}/${name}`).sort(),
    );
  },
);

programTest(
  "Chromium runs the core as TypeScript where the page forbids WASM",
  await findChromium(),
  async (executablePath) => {
    await using folder = new TemporaryFolder();
    const site = await folder.folder("site");
    await Deno.writeFile(new URL(CORE_FILE, site), await bundleCore());
    await Deno.writeFile(new URL(PORTABLE_FILE, site), await bundlePortable());
    await using server = servePage(site, POLICY_WITHOUT_WASM);
    const origin = `http://127.0.0.1:${server.addr.port}`;
    const found = await withPage(
      executablePath,
      origin,
      "the core without WASM",
      (page) =>
        page.evaluate(async ([compiled, portable]) => {
          const atr = Uint8Array.of(0x3b, 0x80, 0x01, 0x81);
          const refusal = await import(compiled)
            .then(({ parseAtr }) => parseAtr(atr)).catch(String);
          const { parseAtr } = await import(portable);
          return { refusal, protocols: parseAtr(atr).protocols };
        }, [`/${CORE_FILE}`, `/${PORTABLE_FILE}`]),
    );
    assert.match(String(found.refusal), /^Error: Cannot start the core/);
    assert.deepEqual(found.protocols, [1]);
  },
);
