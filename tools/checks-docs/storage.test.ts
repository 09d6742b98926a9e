import { describe, expect, it } from "vitest";
import { type Stores, checkStorage, storageProblems } from "./storage.ts";

const STORES: Stores = {
  databases: { retail: { sales: { key: ["handoff"], columns: ["handoff", "total_minor"] } } },
  others: ["cartwright-receipts"],
};
const GOOD = `# Stores

## D1 \`retail\` (Tier 1)

| table | key | columns | encryption | kept |
| --- | --- | --- | --- | --- |
| \`sales\` | \`handoff\` | \`handoff\`, \`total_minor\` | none | for good |

## R2 \`cartwright-receipts\`

Key: a reference.
`;

describe("the document of stores", () => {
  it("holds as committed", async () => {
    expect(await checkStorage()).toEqual([]);
  });

  it("holds when it says what the schemas say", () => {
    expect(storageProblems(GOOD, STORES)).toEqual([]);
  });

  it.each<[string, string, string[]]>([
    [
      "a column is not in it",
      GOOD.replace(", `total_minor`", ""),
      ["retail.sales, columns: says handoff, the schema handoff, total_minor"],
    ],
    [
      "a column is gone from the schema",
      GOOD.replace("`total_minor`", "`total_minor`, `vat`"),
      ["retail.sales, columns: says handoff, total_minor, vat, the schema handoff, total_minor"],
    ],
    [
      "the key is another",
      GOOD.replace("| `handoff` |", "| `reference` |"),
      ["retail.sales, key: says reference, the schema handoff"],
    ],
    [
      "a table is not in it",
      GOOD.replace(/\| `sales`.*\n/, ""),
      [
        "retail.sales, key: says nothing, the schema handoff",
        "retail.sales, columns: says nothing, the schema handoff, total_minor",
      ],
    ],
    [
      "a table is gone from the schema",
      GOOD.replace("## R2", "| `carts` | `id` | `id` | none | no |\n\n## R2"),
      [
        "retail.carts, key: says id, the schema no such table",
        "retail.carts, columns: says id, the schema no such table",
      ],
    ],
    [
      "a bucket is not in it",
      GOOD.replace("## R2 `cartwright-receipts`", "## Receipts"),
      ["has no section for cartwright-receipts"],
    ],
  ])("fails when %s", (_, markdown, problems) => {
    expect(storageProblems(markdown, STORES)).toEqual(problems);
  });
});
