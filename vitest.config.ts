import { defineConfig } from "vitest/config";

/**
 * `unit` is pure code, `room` runs one Worker alone on workerd, `objects` runs inside the objects' isolate, `platform`
 * runs whole cells. The kinds run one after another, cheapest first: a platform is three workerds, so on two cores
 * beside other tests it would starve both. Within a kind two files run at a time, however many cores there are.
 */
export default defineConfig({
  test: {
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
          include: ["test/platform/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          // The cart's firmware: its own checks, and carts that run it against whole cells.
          name: "firmware",
          include: ["test/firmware/**/*.test.ts"],
          testTimeout: 300_000,
          // The toolchain may have to be installed first.
          hookTimeout: 900_000,
          maxWorkers: 2,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
