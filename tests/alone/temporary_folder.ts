/**
 * A folder that lasts as long as a test.
 *
 * @module
 */

import { pathToFileURL } from "node:url";

/** A temporary folder, removed with all that is in it when disposed of. */
export class TemporaryFolder implements AsyncDisposable {
  /** The folder, with a slash at its end. */
  readonly url: URL;

  /** Makes the folder. */
  constructor() {
    // Resolved: on some systems the temporary folder is a link.
    const path = Deno.realPathSync(Deno.makeTempDirSync());
    this.url = pathToFileURL(`${path}/`);
  }

  /** Makes a folder in it. @param name without a slash */
  async folder(name: string): Promise<URL> {
    const url = new URL(`${name}/`, this.url);
    await Deno.mkdir(url);
    return url;
  }

  /** Removes it at once, for the end of a process, where nothing can be awaited. */
  remove(): void {
    Deno.removeSync(this.url, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.url, { recursive: true });
  }
}
