import { describe, expect, it } from "vitest";
import { columnProblems, columnsOf } from "../../tools/checks/columns.ts";
import { SCHEMAS, sources } from "../../tools/checks/sources.ts";

const MIGRATION = "d1-migrations/retail/0001_x.sql";

describe("schemas outside the CDE", () => {
  it("hold no column for a card number in the committed sources", () => {
    const files = sources(SCHEMAS);
    expect(columnProblems(files)).toEqual([]);
    expect(files.flatMap(columnsOf).length).toBeGreaterThan(20);
  });

  it.each([
    "pan",
    "PAN",
    "card_number",
    "cardNumber",
    "primary_account_number",
    "pan_hash",
    "pan_encrypted",
    "cc_number",
  ])("have no column %s, in SQL, in an object's table or in drizzle", (name) => {
    expect(columnProblems(inEveryForm(name, "workers/stores", MIGRATION))).toHaveLength(4);
  });

  it.each(["cvv", "cvc2", "track1", "track_2_data", "pin_block", "security_code", "magstripe"])(
    "have no column %s, and neither has the CDE",
    (name) => {
      expect(columnProblems(inEveryForm(name, "workers/stores", MIGRATION))).toHaveLength(4);
      expect(columnProblems(inEveryForm(name, "workers/cde", "d1-migrations/vault/0001_x.sql"))).toHaveLength(4);
    },
  );

  it.each([
    "company",
    "span",
    "last4",
    "first6",
    "scheme",
    "exp_month",
    "token",
    "tracking",
    "pinned",
    "card_reference",
  ])("may have a column %s", (name) => {
    expect(columnProblems(inEveryForm(name, "workers/stores", MIGRATION))).toEqual([]);
  });

  it("leave the card number to the CDE", () => {
    expect(columnProblems(inEveryForm("pan", "workers/cde", "d1-migrations/vault/0001_x.sql"))).toEqual([]);
  });
});

function inEveryForm(name: string, room: string, migration: string) {
  return [
    {
      path: migration,
      text: `CREATE TABLE \`x\` (\n\t\`id\` text PRIMARY KEY NOT NULL,\n\t\`${name}\` text NOT NULL\n);`,
    },
    { path: migration, text: `ALTER TABLE \`x\` ADD \`${name}\` blob;` },
    {
      path: `${room}/table.ts`,
      text: `sql.exec("CREATE TABLE IF NOT EXISTS x (id INTEGER PRIMARY KEY, ${name} TEXT)");`,
    },
    { path: `${room}/schema.ts`, text: `export const x = sqliteTable("x", { value: text("${name}").notNull() });` },
  ];
}
