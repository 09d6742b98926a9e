import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that take longest where nothing else runs, in seconds, most of it before others so that none of them is left to
 * run alone at the end. `npm test` prints what each took; the order is what matters, not the figure.
 */
export const LONGEST: Readonly<Record<string, number>> = {
  "test/firmware/glitch.test.ts": 130,
  "test/firmware/trips.test.ts": 105,
  "test/firmware/powercut.test.ts": 85,
  "test/platform/refusals.test.ts": 85,
  "test/platform/campaign.test.ts": 75,
  "test/firmware/fuzz.test.ts": 75,
  "test/platform/lossy.test.ts": 70,
  "test/firmware/differential.test.ts": 65,
  "test/platform/segmentation.test.ts": 50,
  "test/platform/commands.test.ts": 45,
  "test/platform/baskets.test.ts": 45,
  "test/platform/crash.test.ts": 35,
  "test/platform/trips.test.ts": 33,
  "test/firmware/baskets.test.ts": 33,
  "test/firmware/link.test.ts": 32,
  "test/firmware/unit.test.ts": 32,
  "test/firmware/cart-mutants.test.ts": 25,
};

/** Longest first within a group; the others by size, as vitest orders what it has not run yet. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    const seconds = ({ moduleId, project }: TestSpecification) =>
      LONGEST[relative(project.vitest.config.root, moduleId)] ?? 0;
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => group(a) - group(b) || seconds(b) - seconds(a));
  }
}
