import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { bundleCore, CORE_FILE } from "../../scripts/bundle.ts";
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

/** Deadline of all tests in the browser. */
const RUN_MS = 60_000;

const PAGE = `<!DOCTYPE html>
<html lang="en"><title>Core</title><link rel="icon" href="data:,"></html>`;

/** All that a page must allow for the core: its own scripts, and WASM, which is part of one. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; img-src data:";

/** Serves the page at `/`, and the scripts in `folder` beside it. */
function servePage(folder: URL): Deno.HttpServer<Deno.NetAddr> {
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
            "content-security-policy": POLICY,
          },
        },
      );
    },
  );
}

/** Runs the modules at `paths` in a page of the browser; returns their reports, and what the page asked for. */
async function runInBrowser(
  executablePath: string,
  origin: string,
  paths: [file: string, path: string][],
): Promise<{ reports: Record<string, Report>; requested: string[] }> {
  const browser = await chromium.launch({ executablePath });
  // A closed browser ends whatever is waited for.
  const deadline = setTimeout(() => browser.close(), RUN_MS);
  try {
    const page = await browser.newPage();
    const requested: string[] = [];
    page.on("request", (request) => requested.push(request.url()));
    await page.goto(origin);
    const reports: Record<string, Report> = {};
    for (const [file, path] of paths) {
      reports[file] = await page.evaluate(async (path) => {
        const { runTests }: SuiteModule = await import(path);
        return await runTests();
      }, path);
    }
    return { reports, requested };
  } finally {
    clearTimeout(deadline);
    await browser.close();
  }
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
    const { reports, requested } = await runInBrowser(
      executablePath,
      origin,
      files.map((file) => [file, `/${bundledName(file)}`]),
    );
    assertAllPassed(
      reports,
      await testsInDeno(await folder.folder("reference")),
    );
    assert.deepEqual(
      requested.filter((url) => !url.startsWith("data:")).sort(),
      ["", CORE_FILE, ...files.map(bundledName)]
        .map((name) => `${origin}/${name}`).sort(),
    );
  },
);
