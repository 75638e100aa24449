/**
 * What the scripts that draw a table into `docs/` share: the page is formatted, then
 * written, or compared with the one that is committed.
 *
 * @module
 */

const ROOT = new URL("../", import.meta.url);

/**
 * Writes a page, or with `--check` among the program's arguments ends the program
 * with exit code 1 when the committed page is another one.
 *
 * @param path of the page, from the root of the repository
 * @param source path of what the page is made of, for the message
 * @param page Markdown, in any format
 */
export async function keepDrawing(
  path: string,
  source: string,
  page: string,
): Promise<void> {
  const target = new URL(path, ROOT);
  const text = await formatted(page);
  if (!Deno.args.includes("--check")) {
    Deno.mkdirSync(new URL("./", target), { recursive: true });
    return Deno.writeTextFileSync(target, text);
  }
  let committed = "";
  try {
    committed = Deno.readTextFileSync(target);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (committed === text) return;
  console.error(
    `${path} is not what ${source} gives: run \`deno task draw\``,
  );
  Deno.exit(1);
}

async function formatted(text: string): Promise<string> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await process.output();
  if (!success) throw new Error("Cannot format the drawing");
  return new TextDecoder().decode(stdout);
}
