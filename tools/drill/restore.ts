import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Cell } from "../../protocol/ids.ts";
import type { TombstoneReplay } from "../../protocol/rooms/identity.ts";
import { startLocalCell, type LocalCell } from "../platform/local.ts";
import type { Origin } from "../platform/rooms.ts";
import { cellState } from "../platform/state.ts";
import { staffClient } from "../staff/client.ts";
import { trace, type Path } from "../trace/search.ts";
import { readState } from "../trace/state.ts";
import type { Place } from "../trip/party.ts";
import { accessToken, eraseAsOwner, live, someone, type Lived } from "./people.ts";

export interface RestoreDrill {
  readonly cell: Cell;
  readonly root: string;
  readonly ports: Readonly<Record<Origin, number>>;
  /** Codes of goods to shop. */
  readonly codes: readonly string[];
  /** Six digits that no other run has. */
  readonly run: string;
  readonly onStep?: (step: string) => void;
}

/** What each look at the cell found: paths to whom, and when. */
export interface RestoreReport {
  /** Before anything: the search must find them, or it proves nothing. */
  readonly before: number;
  readonly afterErasure: readonly Path[];
  /** In the restored copy: the erased person is back, or the copy proves nothing. */
  readonly restored: number;
  readonly replay: Omit<TombstoneReplay, "next">;
  readonly afterReplay: readonly Path[];
  /** Paths to somebody else, before and after. */
  readonly other: { readonly before: number; readonly after: number };
  /** What the erased person's old token is answered. */
  readonly oldToken: number;
  /** Whether the other one's account is as it was. */
  readonly otherIsWhole: boolean;
}

/**
 * The drill of a restore: yesterday's copy of the platform's databases is put back after somebody was erased; the bucket
 * with keys and tombstones has no copy and stays as it is; tombstones are replayed.
 */
export async function restoreDrill(drill: RestoreDrill): Promise<RestoreReport> {
  const { cell, root, ports, codes, run } = drill;
  const say = drill.onStep ?? (() => undefined);
  const folder = cellState(cell, root);
  const databases = join(folder, "platform", "data", "d1");
  const copy = join(root, "copy-of-yesterday");

  say("starting a cell of its own");
  let local = await startLocalCell(cell, { root, ports, seed: { carts: 2 } });
  const again = async () => {
    local = await startLocalCell(cell, { root, ports, store: local.store });
  };
  const look = async ({ words }: Lived) => trace(readState(folder), local.keys, words, [local.running.origins.issuer]);
  try {
    say("two people shop, each by number, by phone and by card");
    const gone = await live(placeOf(local), someone(run, 1), codes, 0);
    const stays = await live(placeOf(local), someone(run, 2), codes, 1);
    const before = (await look(gone)).paths.length;

    say("copying the databases: yesterday");
    await local.running.stop();
    cpSync(databases, copy, { recursive: true });
    await again();

    say("one of them is erased");
    const token = await accessToken(placeOf(local), gone.who);
    await eraseAsOwner(placeOf(local), token);
    const afterErasure = (await look(gone)).paths;
    const otherBefore = (await look(stays)).paths.length;

    say("restoring yesterday's databases");
    await local.running.stop();
    rmSync(databases, { recursive: true, force: true });
    cpSync(copy, databases, { recursive: true });
    await again();
    const restored = (await look(gone)).paths.length;

    say("replaying the tombstones");
    const replay = await replayAll(local);
    const afterReplay = (await look(gone)).paths;
    const other = { before: otherBefore, after: (await look(stays)).paths.length };
    const { api } = local.running.origins;
    const answer = await fetch(`${api}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    await stays.person.signIn();
    const profile = await stays.person.me();
    const otherIsWhole =
      profile.nickname === stays.who.nickname &&
      (await stays.person.loyaltyCards()).length === 1 &&
      (await stays.person.paymentMethods()).length === 1;
    return { before, afterErasure, restored, replay, afterReplay, other, oldToken: answer.status, otherIsWhole };
  } finally {
    await local.running.stop().catch(() => undefined);
    if (existsSync(copy)) rmSync(copy, { recursive: true, force: true });
  }
}

/** Why the drill failed, a sentence each; none: it held. */
export function restoreFaults(report: RestoreReport): string[] {
  const { before, afterErasure, restored, replay, afterReplay, other, oldToken, otherIsWhole } = report;
  return [
    ...(before > 0 ? [] : ["the search found nobody before the erasure, so it proves nothing"]),
    ...afterErasure.map((path) => `a path was left by the erasure: ${named(path)}`),
    ...(restored > 0 ? [] : ["the restored copy did not bring the erased person back, so it proves nothing"]),
    ...(replay.removed > 0 && replay.left === 0 ? [] : ["the replay did not remove them, or left something"]),
    ...afterReplay.map((path) => `a path is there after the replay: ${named(path)}`),
    ...(other.after > 0 ? [] : ["somebody else is not to be found any more"]),
    ...(oldToken === 410 ? [] : [`the erased person's old token was answered ${oldToken}, not 410`]),
    ...(otherIsWhole ? [] : ["somebody else's account is not as it was"]),
  ];
}

const named = ({ store, table, column, how }: Path): string => `${store}.${table}.${column} (${how})`;

function placeOf({ store, keys, running }: LocalCell): Place {
  return { store, keys, origins: running.origins };
}

/** As staff do after a restore: from the beginning until there is no next. */
async function replayAll({ running, keys, store }: LocalCell): Promise<Omit<TombstoneReplay, "next">> {
  const ops = staffClient({
    cell: store.cell,
    origin: running.origins.ops,
    signingJwk: keys.outside.staffSigningJwk,
  });
  let total = { tombstones: 0, checked: 0, removed: 0, left: 0 };
  for (let from: string | null = null, calls = 0; calls === 0 || (from !== null && calls < 1_000); calls += 1) {
    const { next, ...part }: TombstoneReplay = await ops.post("/admin/v1/tombstones/replay", { from });
    total = {
      tombstones: part.tombstones,
      checked: total.checked + part.checked,
      removed: total.removed + part.removed,
      left: total.left + part.left,
    };
    from = next;
  }
  return total;
}
