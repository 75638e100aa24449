/** What the command uses of Deno's std. */
export declare function parseArgs(args: string[], options: {
  alias?: Record<string, string>;
  boolean?: string[];
  collect?: string[];
  string?: string[];
  unknown?: (arg: string, key?: string) => boolean;
}): Record<string, unknown> & { _: (string | number)[] };
