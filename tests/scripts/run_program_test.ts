// Invariant: a program that does not end is killed at its deadline, and the error says which and when.
import assert from "node:assert/strict";
import { withinDeadline } from "../../scripts/deadline.ts";
import { runDeno, runProgram } from "../../scripts/run_program.ts";

Deno.test("a program is given its input, and what it writes comes back", async () => {
  const code = `console.log("out"); console.error("err"); Deno.exit(3);`;
  const run = await runDeno(["run", "--quiet", "--no-config", "-"], {
    input: code,
  });
  assert.deepEqual(run, { success: false, stdout: "out\n", stderr: "err\n" });
});

Deno.test("a program that does not end is killed at the deadline, which the error names", async () => {
  const args = ["eval", "--quiet", "--no-config", "setInterval(() => {}, 9)"];
  await assert.rejects(runDeno(args, { deadlineMs: 500 }), ({ message }) => {
    assert.equal(
      message,
      `Cannot wait for ${Deno.execPath()} ${
        args.join(" ")
      }: not over after 0.5 s`,
    );
    return true;
  });
});

Deno.test("a program that is not there is told from one that fails", async () => {
  await assert.rejects(runProgram("no-such-program", []), Deno.errors.NotFound);
});

Deno.test("what is over in time is no matter of the deadline", async () => {
  const result = await withinDeadline("nothing", () => Promise.resolve(7), 50);
  assert.equal(result, 7);
  await assert.rejects(
    withinDeadline("nothing", () => Promise.reject(new RangeError("x")), 50),
    RangeError,
  );
  await assert.rejects(
    withinDeadline("a promise", () => new Promise(() => {}), 50),
    { message: "Cannot wait for a promise: not over after 0.05 s" },
  );
});
