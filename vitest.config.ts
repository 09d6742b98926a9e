import { defineConfig } from "vitest/config";

/**
 * Three kinds of test: `unit` is pure code, `room` runs one Worker alone on workerd, `platform` runs whole cells.
 * Two cores: rooms and platforms start few at a time.
 */
export default defineConfig({
  test: {
    reporters: process.env["CI"] ? ["default"] : ["default"],
    projects: [
      "durable-objects/test-inside/vitest.config.ts",
      {
        test: {
          name: "unit",
          include: [
            "{protocol,tools}/**/*.test.ts",
            "workers/**/*.test.ts",
            "durable-objects/**/*.test.ts",
            "test/unit/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", "**/*.room.test.ts", "**/*.object.test.ts", "test/platform/**"],
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
        },
      },
      {
        test: {
          name: "platform",
          include: ["test/platform/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
