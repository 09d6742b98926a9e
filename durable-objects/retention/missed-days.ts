import type { AuditAppender } from "../../protocol/rooms/audit.ts";

/**
 * Days that ended with a class of the policy not purged. Each such day and class is told to the audit log once, as a
 * purge without success: that nothing was deleted must show as well as what was.
 */
export class MissedDays {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS begun (one INTEGER PRIMARY KEY CHECK (one = 1), day TEXT NOT NULL) WITHOUT ROWID",
    );
    storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS missed (day TEXT, class TEXT, PRIMARY KEY (day, class)) WITHOUT ROWID",
    );
  }

  /**
   * Begins a UTC day, `yyyy-mm-dd`. The first time, the day that was worked on before has ended.
   * @param undone classes that a day has not seen purged
   */
  begin(day: string, undone: (day: string) => readonly string[]): void {
    const [last] = this.#storage.sql.exec<{ day: string }>("SELECT day FROM begun").toArray();
    if (last !== undefined && last.day >= day) return;
    for (const name of last === undefined ? [] : undone(last.day))
      this.#storage.sql.exec("INSERT OR IGNORE INTO missed (day, class) VALUES (?, ?)", last?.day, name);
    this.#storage.sql.exec("INSERT INTO begun VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET day = excluded.day", day);
  }

  /** @returns whether the log has them all */
  async prove(log: AuditAppender): Promise<boolean> {
    const missed = this.#storage.sql
      .exec<{ day: string; class: string }>("SELECT day, class FROM missed ORDER BY day, class")
      .toArray();
    for (const { day, class: name } of missed) {
      const logged = await log.append({
        who: "retention",
        kind: "purge",
        when: Date.now(),
        success: false,
        from: "retention",
        on: `class:${name}`,
        detail: { code: "not_done", day },
      });
      if (!logged.ok) return false;
      this.#storage.sql.exec("DELETE FROM missed WHERE day = ? AND class = ?", day, name);
    }
    return true;
  }
}
