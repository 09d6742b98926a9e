import { drizzle } from "drizzle-orm/d1";
import type { KeyStatus } from "../../../protocol/pay/key-order.ts";
import { dataKeys } from "../schema.ts";
import type { KeyStore } from "./data-key.ts";
import { SEALED } from "./sealed-tables.ts";

/** What the custodians may see: versions, check values and counts. */
export async function keyStatus({ database, cell, keks }: KeyStore): Promise<KeyStatus> {
  const stored = await drizzle(database).select().from(dataKeys).orderBy(dataKeys.version);
  const sealed = SEALED.map(
    ({ name, sealed: column }) => `SELECT key_version FROM ${name} WHERE ${column} IS NOT NULL`,
  );
  const { results } = await database
    .prepare(
      `SELECT key_version AS version, count(*) AS rows FROM (${sealed.join(" UNION ALL ")}) GROUP BY key_version`,
    )
    .all<{ version: number; rows: number }>();
  const rows = (version: number) => results.find((each) => each.version === version)?.rows ?? 0;
  const live = stored.filter((each) => each.destroyed === null);
  const current = live.at(-1)?.version ?? 0;
  const events = await database.prepare("SELECT count(*) AS n FROM security_events").first<number>("n");
  return {
    cell,
    current,
    data_keys: stored.map(({ version, kekCheck, destroyed }) => ({
      version,
      kek_check: destroyed === null ? kekCheck : null,
      rows: rows(version),
      destroyed: destroyed !== null,
    })),
    key_encryption_keys: keks.all.map(({ version, check, shareChecks }) => ({
      version,
      check,
      share_a_check: shareChecks.A,
      share_b_check: shareChecks.B,
      data_keys: live.filter((each) => each.kekCheck === check).length,
    })),
    waiting: keks.waiting,
    rewrap: { done: rows(current), total: results.reduce((total, each) => total + each.rows, 0) },
    security_events: events ?? 0,
  };
}
