import { and, eq, max } from "drizzle-orm";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import type {
  FirmwareRelease,
  FirmwareRollout,
  RolloutOrder,
  RolloutReason,
  RolloutState,
} from "../../../protocol/rooms/fleet.ts";
import { findPolicy } from "../registry.ts";
import { releases, rollouts } from "../schema.ts";
import { appended, findRelease, openRollout, rolloutOf, type FirmwareDesk } from "./releases.ts";

/** A move of a rollout from one state to another; what is not here is refused. */
const MOVES: Readonly<Record<RolloutState, readonly RolloutState[]>> = {
  running: ["paused", "ended"],
  paused: ["running", "ended"],
  ended: [],
};

/**
 * Starts a rollout. The attestation policy must accept the image first, or carts that took it would be locked out; and
 * a release with a lower security counter than one that was rolled out before is refused, whoever asks.
 */
export async function startRollout(
  desk: FirmwareDesk,
  order: RolloutOrder,
  staff: string,
): Promise<Result<FirmwareRollout, RolloutReason>> {
  const release = await findRelease(desk.db, order.digest);
  if (release === null) return fail("unknown_release");
  const open = await openRollout(desk.db, release.hardwareRevision);
  if (open !== null) return isSame(open, order) ? ok(open) : fail("rollout_open");
  if (!(await isAccepted(desk, release))) return fail("policy");
  if (release.securityCounter < (await highestRolledOut(desk, release.hardwareRevision))) return fail("downgrade");
  const auditIndex = await appended(
    desk.audit,
    rolloutAct(desk, staff, "running", release, {
      percentage: order.percentage,
      stores: order.stores === null ? null : order.stores.length,
    }),
  );
  if (auditIndex === null) return fail("unavailable");
  const [row] = await desk.db
    .insert(rollouts)
    .values({
      digest: order.digest,
      hardwareRevision: release.hardwareRevision,
      stores: order.stores,
      percentage: order.percentage,
      state: "running",
      startedAt: desk.now,
      startedBy: `staff:${staff}`,
      changedAt: desk.now,
    })
    .onConflictDoNothing()
    .returning();
  return row === undefined ? fail("rollout_open") : ok(rolloutOf(row));
}

/** Pauses, resumes or ends a rollout. The state that it is in already is no change; resuming asks the policy again. */
export async function changeRollout(
  desk: FirmwareDesk,
  id: number,
  state: RolloutState,
  staff: string,
): Promise<Result<FirmwareRollout, RolloutReason>> {
  const [row] = await desk.db.select().from(rollouts).where(eq(rollouts.id, id)).limit(1);
  if (row === undefined) return fail("unknown_release");
  if (row.state === state) return ok(rolloutOf(row));
  if (!MOVES[row.state].includes(state)) return fail("state");
  const release = await findRelease(desk.db, row.digest);
  if (release === null) return fail("unknown_release");
  if (state === "running" && !(await isAccepted(desk, release))) return fail("policy");
  if ((await appended(desk.audit, rolloutAct(desk, staff, state, release, { rollout: id }))) === null)
    return fail("unavailable");
  const [changed] = await desk.db
    .update(rollouts)
    .set({ state, changedAt: desk.now })
    .where(and(eq(rollouts.id, id), eq(rollouts.state, row.state)))
    .returning();
  return changed === undefined ? fail("state") : ok(rolloutOf(changed));
}

/** Whether a cart that runs this image would be given a store attestation. */
async function isAccepted({ db }: FirmwareDesk, { digest, securityCounter }: FirmwareRelease): Promise<boolean> {
  const policy = await findPolicy(db);
  return policy !== null && policy.digests.includes(digest) && securityCounter >= policy.minimumSecurityCounter;
}

/** The highest security counter that this hardware was ever rolled out; carts have raised theirs to it for good. */
async function highestRolledOut({ db }: FirmwareDesk, hardwareRevision: number): Promise<number> {
  const [row] = await db
    .select({ counter: max(releases.securityCounter) })
    .from(rollouts)
    .innerJoin(releases, eq(releases.digest, rollouts.digest))
    .where(eq(rollouts.hardwareRevision, hardwareRevision));
  return row?.counter ?? 0;
}

function isSame(open: FirmwareRollout, order: RolloutOrder): boolean {
  return (
    open.digest === order.digest &&
    open.percentage === order.percentage &&
    JSON.stringify(open.stores) === JSON.stringify(order.stores)
  );
}

function rolloutAct(
  desk: FirmwareDesk,
  staff: string,
  state: RolloutState,
  { digest, securityCounter }: FirmwareRelease,
  detail: Readonly<Record<string, number | null>>,
) {
  return {
    who: `staff:${staff}`,
    kind: "firmware_rollout",
    when: desk.now,
    success: true,
    from: "ForOps.rollout",
    on: `firmware:${digest}`,
    detail: { state, securityCounter, ...detail },
  } as const;
}
