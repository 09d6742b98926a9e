import { defineConfig } from "vitest/config";
import LongestFirst from "./test/longest-first.ts";

/** What is waited for comes in a moment; a machine that does other things as well may need many. */
const PATIENT = { poll: { timeout: 20_000 } };

/**
 * `unit` is pure code, `room` runs one Worker alone on workerd, `objects` runs inside the objects' isolate, `platform`
 * runs whole cells, `firmware` builds and runs the cart's. Cheapest first; the last two together, three files at a time
 * however many cores there are: cells mostly wait, and the firmware's campaigns mostly compute.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "{protocol,tools,cart-fw/sim}/**/*.test.ts",
            "workers/**/*.test.ts",
            "durable-objects/**/*.test.ts",
            "test/unit/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", "**/*.room.test.ts", "**/*.object.test.ts", "test/platform/**"],
          testTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "room",
          expect: PATIENT,
          include: ["**/*.room.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      "durable-objects/test-inside/vitest.config.ts",
      {
        test: {
          name: "browser",
          expect: PATIENT,
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 60_000,
          // Chromium may have to be installed first.
          hookTimeout: 300_000,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "platform",
          expect: PATIENT,
          include: ["test/platform/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 3,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          // The cart's firmware: its own checks, and carts that run it against whole cells.
          name: "firmware",
          expect: PATIENT,
          include: ["test/firmware/**/*.test.ts"],
          testTimeout: 300_000,
          // The toolchain may have to be installed first.
          hookTimeout: 900_000,
          maxWorkers: 3,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
