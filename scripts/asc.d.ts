/** The part of AssemblyScript's compiler API that the build uses. */
declare const asc: {
  main(argv: string[], options: {
    readFile(name: string, baseDir: string): string | null;
    writeFile(name: string, contents: Uint8Array | string): void;
    listFiles(dirname: string, baseDir: string): string[];
  }): Promise<{ error: Error | null; stderr: { toString(): string } }>;
};
export default asc;
