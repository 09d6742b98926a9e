import { appendFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Where `tools/test.ts` reads from how many tests were skipped. */
export const SKIPS_FILE = "CARTWRIGHT_SKIPS_FILE";

/** Says aloud which tests did not run, and why; stands before the default reporter, whose summary comes last. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((each) => Array.from(each.children.allTests("skipped")));
    if (skipped.length === 0) return;
    console.log(`\nSkipped, ${skipped.length} in all:`);
    for (const test of skipped) console.log(`  ${test.module.relativeModuleId} > ${test.fullName}: ${reasonOf(test)}`);
    const file = process.env[SKIPS_FILE];
    if (file !== undefined) appendFileSync(file, skipped.map((test) => `${test.fullName}\n`).join(""));
    if (process.env["CI"]) console.log("With CI set, a skipped test is a failure.");
  }
}

/** The note that the test gave to `skip(note)`. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  return (result.state === "skipped" ? result.note : undefined) ?? "no reason given";
}
