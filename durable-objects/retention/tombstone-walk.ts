import type { AuditAppender } from "../../protocol/rooms/audit.ts";
import type { IdentityForRestores, TombstoneReplay } from "../../protocol/rooms/identity.ts";

/** Calls a run: each looks at 20,000 customers at most, and the next run goes on where this one stopped. */
const CALLS = 20;

interface Walk extends TombstoneReplay {
  /** UTC day that it began on. */
  readonly day: string;
  readonly state: "walking" | "owed" | "done";
}

/**
 * Whoever has a tombstone and is there again goes again: after a database was restored without anybody's thinking of the
 * tombstones, and after an erasure that broke off. Once a day, from where it stopped, and proved at its end.
 */
export class TombstoneWalk {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec("CREATE TABLE IF NOT EXISTS walk (name TEXT PRIMARY KEY, walk TEXT NOT NULL) WITHOUT ROWID");
  }

  /** Whether the day's walk is to be begun, or one is to be gone on with or proved. */
  isOpen(day: string): boolean {
    const walk = this.#read();
    return walk?.state !== "done" || walk.day !== day;
  }

  /** Goes on with the walk. @returns whether it came to its end, is proved, and left nobody */
  async run(day: string, identity: IdentityForRestores, log: AuditAppender): Promise<boolean> {
    const last = this.#read();
    const begun = last === undefined || last.state === "done" ? beginningOf(day) : last;
    const walked = begun.state === "walking" ? await this.#walk(begun, identity) : begun;
    if (walked.state === "walking" || !(await prove(walked, log))) return false;
    // Whom it could not remove is looked for again, from the beginning.
    this.#write(walked.left === 0 ? { ...walked, state: "done" } : beginningOf(day));
    return walked.left === 0;
  }

  async #walk(begun: Walk, identity: IdentityForRestores): Promise<Walk> {
    let walk = begun;
    for (let calls = 0; calls < CALLS && walk.state === "walking"; calls += 1) {
      const step = await identity.replayTombstones(walk.next);
      if (!step.ok) break;
      walk = after(walk, step.value);
      this.#write(walk);
    }
    return walk;
  }

  #read(): Walk | undefined {
    const [row] = this.#storage.sql.exec<{ walk: string }>("SELECT walk FROM walk WHERE name = 'tombstones'").toArray();
    return row === undefined ? undefined : (JSON.parse(row.walk) as Walk);
  }

  #write(walk: Walk): void {
    this.#storage.sql.exec(
      "INSERT INTO walk (name, walk) VALUES ('tombstones', ?) ON CONFLICT (name) DO UPDATE SET walk = excluded.walk",
      JSON.stringify(walk),
    );
  }
}

function beginningOf(day: string): Walk {
  return { day, state: "walking", tombstones: 0, checked: 0, removed: 0, left: 0, next: null };
}

function after(walk: Walk, step: TombstoneReplay): Walk {
  return {
    day: walk.day,
    state: step.next === null ? "owed" : "walking",
    tombstones: step.tombstones,
    checked: walk.checked + step.checked,
    removed: walk.removed + step.removed,
    left: walk.left + step.left,
    next: step.next,
  };
}

async function prove({ day, tombstones, checked, removed, left }: Walk, log: AuditAppender): Promise<boolean> {
  const logged = await log.append({
    who: "retention",
    kind: "purge",
    when: Date.now(),
    success: left === 0,
    from: "retention",
    on: "tombstones",
    detail: { day, tombstones, checked, removed, left },
  });
  return logged.ok;
}
