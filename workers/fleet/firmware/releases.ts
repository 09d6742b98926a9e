import { and, desc, eq, ne } from "drizzle-orm";
import type { StoreId } from "../../../protocol/ids.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import type { AuditAct, AuditAppender } from "../../../protocol/rooms/audit.ts";
import type { FirmwareRelease, FirmwareRollout, PublishReason } from "../../../protocol/rooms/fleet.ts";
import type { Database } from "../registry.ts";
import { releases, rollouts } from "../schema.ts";
import { imageSize, type ImageBucket } from "./images.ts";
import { readRelease, type SignerKeys } from "./signers.ts";

export interface FirmwareDesk {
  readonly db: Database;
  readonly audit: AuditAppender;
  readonly bucket: ImageBucket;
  readonly signers: SignerKeys;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Publishes a release: two signers have signed its manifest, the image is there under its digest and of its size, and
 * no other image of that hardware has its version. In the log before it is in the table.
 */
export async function publishRelease(
  desk: FirmwareDesk,
  manifest: Uint8Array,
  staff: string,
): Promise<Result<FirmwareRelease, PublishReason>> {
  const read = await readRelease(manifest, desk.signers);
  if (!read.ok) return read;
  const { digest, version, securityCounter, size, hardwareRevision } = read.value;
  const there = await findRelease(desk.db, digest);
  // The release stands by its digest: the same image signed anew changes nothing.
  if (there !== null) return there.version === version ? ok(listed(there)) : fail("version_taken");
  const [taken] = await desk.db
    .select({ digest: releases.digest })
    .from(releases)
    .where(and(eq(releases.hardwareRevision, hardwareRevision), eq(releases.version, version)))
    .limit(1);
  if (taken !== undefined) return fail("version_taken");
  const found = await imageSize(desk.bucket, digest);
  if (!found.ok) return found;
  if (found.value === null) return fail("unknown_image");
  if (found.value !== size) return fail("image_mismatch");
  const auditIndex = await appended(desk.audit, {
    who: `staff:${staff}`,
    kind: "firmware_release",
    when: desk.now,
    success: true,
    from: "ForOps.publishFirmware",
    on: `firmware:${digest}`,
    detail: { version: versionNumber(version), securityCounter, hardwareRevision },
  });
  if (auditIndex === null) return fail("unavailable");
  const row: FirmwareRelease = {
    digest,
    version,
    securityCounter,
    size,
    hardwareRevision,
    publishedAt: desk.now,
    publishedBy: `staff:${staff}`,
    auditIndex,
  };
  const inserted = await desk.db
    .insert(releases)
    .values({ ...row, manifest })
    .onConflictDoNothing();
  if (inserted.meta.changes === 1) return ok(row);
  // Two publishers at once: the first row stands, for both if it is the same image.
  const winner = await findRelease(desk.db, digest);
  return winner === null ? fail("version_taken") : ok(listed(winner));
}

/** A release without its manifest. */
function listed(release: FirmwareRelease): FirmwareRelease {
  const { digest, version, securityCounter, size, hardwareRevision, publishedAt, publishedBy, auditIndex } = release;
  return { digest, version, securityCounter, size, hardwareRevision, publishedAt, publishedBy, auditIndex };
}

export async function findRelease(
  db: Database,
  digest: string,
): Promise<(FirmwareRelease & { readonly manifest: Uint8Array }) | null> {
  const [row] = await db.select().from(releases).where(eq(releases.digest, digest)).limit(1);
  return row ?? null;
}

/** The rollout that is running or paused for a hardware revision; there is one at most. */
export async function openRollout(db: Database, hardwareRevision: number): Promise<FirmwareRollout | null> {
  const [row] = await db
    .select()
    .from(rollouts)
    .where(and(eq(rollouts.hardwareRevision, hardwareRevision), ne(rollouts.state, "ended")))
    .limit(1);
  return row === undefined ? null : rolloutOf(row);
}

export async function listReleases(db: Database): Promise<readonly FirmwareRelease[]> {
  return db.select(LISTED_COLUMNS).from(releases).orderBy(desc(releases.publishedAt)).limit(LISTED);
}

export async function listRollouts(db: Database): Promise<readonly FirmwareRollout[]> {
  const rows = await db.select().from(rollouts).orderBy(desc(rollouts.id)).limit(LISTED);
  return rows.map(rolloutOf);
}

/** A version's three numbers; anything else in it stays out of the log. */
const NUMBERED = /^\d{1,5}\.\d{1,5}\.\d{1,5}$/;
const versionNumber = (version: string): string | null => (NUMBERED.test(version) ? version : null);

/** The newest; a fleet has had a few dozen releases in its life. */
const LISTED = 100;

/** All but the manifest. */
const LISTED_COLUMNS = {
  digest: releases.digest,
  version: releases.version,
  securityCounter: releases.securityCounter,
  size: releases.size,
  hardwareRevision: releases.hardwareRevision,
  publishedAt: releases.publishedAt,
  publishedBy: releases.publishedBy,
  auditIndex: releases.auditIndex,
};

export function rolloutOf(row: typeof rollouts.$inferSelect): FirmwareRollout {
  const { id, digest, hardwareRevision, stores, percentage, state, startedAt } = row;
  return { id, digest, hardwareRevision, stores: stores as readonly StoreId[] | null, percentage, state, startedAt };
}

/** The index of the act in the log; null: it is not there. Closed: no proof, no release. */
export async function appended(audit: AuditAppender, act: AuditAct): Promise<number | null> {
  try {
    const answer = await audit.append(act);
    if (answer.ok) return answer.value.index;
    console.error("fleet: the audit log refused an act:", act.kind, answer.reason);
  } catch {
    console.error("fleet: the audit log did not answer:", act.kind);
  }
  return null;
}
