/**
 * Metrics over HTTP.
 *
 * @module
 */

import type { ResourceManager } from "./manager.ts";
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from "./prometheus.ts";

/** Options of {@linkcode metricsHandler}. */
export interface MetricsHandlerOptions {
  /** Path that answers; default `/metrics`. */
  path?: string;
}

/**
 * A handler that answers Prometheus: 200 with the metrics for GET and HEAD of one
 * path, 404 for other paths, 405 for other methods. The server belongs on the
 * loopback interface: reader names are nobody else's business.
 *
 * @example
 * ```ts
 * import {
 *   metricsHandler,
 *   ResourceManager,
 * } from "deno-smartcard/resource-manager";
 * import assert from "node:assert/strict";
 *
 * await using manager = new ResourceManager();
 * await using server = Deno.serve(
 *   { hostname: "127.0.0.1", port: 0, onListen() {} },
 *   metricsHandler(manager),
 * );
 * const url = `http://127.0.0.1:${server.addr.port}/metrics`;
 * const text = await (await fetch(url)).text();
 * assert.match(text, /^scard_readers 0$/m);
 * ```
 */
export function metricsHandler(
  manager: Pick<ResourceManager, "metrics">,
  options: MetricsHandlerOptions = {},
): (request: Request) => Response {
  const { path = "/metrics" } = options;
  return (request) => {
    if (new URL(request.url).pathname !== path) {
      return new Response("Not found\n", { status: 404 });
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("Method not allowed\n", {
        status: 405,
        headers: { allow: "GET, HEAD" },
      });
    }
    const headers = {
      "content-type": PROMETHEUS_CONTENT_TYPE,
      "cache-control": "no-store",
    };
    const body = request.method === "HEAD" ? null : prometheusText(manager);
    return new Response(body, { headers });
  };
}
