import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cell, StoreId } from "../../protocol/ids.ts";
import { enrolCarts, type EnrolledCart } from "../factory/enrol.ts";
import { readKept, writeKept } from "../factory/kept-file.ts";
import { SecureElement, type ElementJwk } from "../cart/secure-element.ts";
import { allowFirmware } from "../staff/allow-firmware.ts";
import { staffClient, type StaffClient } from "../staff/client.ts";
import type { CellKeys } from "./keys.ts";
import type { Origin } from "./rooms.ts";
import { ROOT } from "./root.ts";
import { SIMULATED_FIRMWARE, type SimulatedFirmware } from "./seed-firmware.ts";
import { demoMembers, LOYALTY_FORMAT } from "./seed-members.ts";
import { COUNTER_LABEL, demoStoreId, DEMO_STORES } from "./seed-store.ts";
import { cellState } from "./state.ts";

/** The part of a running cell that seeding needs. */
export interface SeedTarget {
  readonly cell: Cell;
  readonly origins: Readonly<Pick<Record<Origin, string>, "ops" | "pos">>;
}

export interface SeedOptions {
  /** The store; `us-demo` and `eu-demo` unless told. */
  readonly store?: StoreId;
  /** Path of the catalogue; the sample of the cell unless told. 5 MB at most. */
  readonly catalogueCsv?: string;
  readonly carts?: number;
  /** Folder for the carts' and the beacon's keys: the cell's own state unless told. */
  readonly state?: string;
  readonly onProgress?: (step: string) => void;
}

/** A store that is open for trips, with what its simulated parties hold. */
export interface SeededStore {
  readonly cell: Cell;
  readonly store: StoreId;
  readonly carts: readonly EnrolledCart[];
  readonly beacon: { readonly id: string; readonly privateJwk: ElementJwk };
  readonly firmware: SimulatedFirmware;
  readonly loyaltyNumbers: readonly string[];
  readonly terminals: readonly string[];
  /** A label of the cheese counter that the store's templates read. */
  readonly counterLabel: string;
  readonly catalogue: { readonly imported: number; readonly refused: number };
  /** The root's uncompressed P-256 point, base64: what the carts pin. */
  readonly rootPublicKey: string;
}

const CARTS = 6;
const BEACON = "entrance";

/**
 * Opens the demo store of a running cell through its ops door, as staff would: settings, catalogue, loyalty, beacon,
 * attestation policy, carts. The same state seeded again changes nothing.
 * @throws OpsError when the cell refuses or does not answer
 */
export async function seed(target: SeedTarget, keys: CellKeys, options: SeedOptions = {}): Promise<SeededStore> {
  const { cell, origins } = target;
  const store = options.store ?? demoStoreId(cell);
  const folder = join(options.state ?? cellState(cell), "seed", store);
  const progress = options.onProgress ?? (() => undefined);
  const ops = staffClient({ cell, origin: origins.ops, signingJwk: keys.outside.staffSigningJwk });

  const settings = DEMO_STORES[cell];
  progress(`store ${store}`);
  await ops.put(`/admin/v1/stores/${store}`, { ...settings, posUrl: origins.pos });
  const csv = readFileSync(options.catalogueCsv ?? join(ROOT, `tools/samples/catalogue-${cell}.csv`), "utf8");
  progress("catalogue");
  const catalogue = await ops.postText<{ imported: number; refused: unknown[] }>(
    `/admin/v1/stores/${store}/catalogue`,
    "text/csv",
    csv,
  );
  progress("loyalty members");
  const loyaltyNumbers = await addMembers(ops, cell);
  await registerRetailer(ops, store, keys);
  progress("beacon and attestation policy");
  const privateJwk = await addBeacon(ops, store, join(folder, "beacon.json"));
  await allowFirmware(ops, [SIMULATED_FIRMWARE.digest], SIMULATED_FIRMWARE.securityCounter);
  const carts = await enrolCarts({
    ops,
    store,
    count: options.carts ?? CARTS,
    file: join(folder, "carts.json"),
    onCart: (done, of) => progress(`cart ${done} of ${of}`),
  });
  return {
    cell,
    store,
    carts,
    beacon: { id: BEACON, privateJwk },
    firmware: SIMULATED_FIRMWARE,
    loyaltyNumbers,
    terminals: settings.terminals,
    counterLabel: COUNTER_LABEL[cell],
    catalogue: { imported: catalogue.imported, refused: catalogue.refused.length },
    rootPublicKey: keys.outside.rootPublicKey,
  };
}

/** The retailer as a recipient of its members' data: who reads what it is told is who has the private half. */
async function registerRetailer(ops: StaffClient, store: StoreId, { secrets }: CellKeys): Promise<void> {
  const { kty, crv, x, y, kid } = JSON.parse(secrets["POS_PRIVACY_JWK"] ?? "{}") as Record<string, string>;
  await ops.put(`/admin/v1/recipients/${LOYALTY_FORMAT.retailer}`, { store, jwk: { kty, crv, x, y, kid } });
}

interface MembersReport {
  readonly refused: readonly { readonly row: number; readonly reason: string }[];
}

/**
 * Registers the number format only when the cell does not know it, which its refusal of the numbers tells. Members
 * who are there already are refused as taken, which is what a second run expects; anything else is an error.
 */
async function addMembers(ops: StaffClient, cell: Cell): Promise<string[]> {
  const members = demoMembers(cell);
  const add = () => ops.post<MembersReport>("/admin/v1/members", { members });
  let report = await add();
  if (report.refused.some(({ reason }) => reason === "invalid_loyalty")) {
    await ops.post("/admin/v1/loyalty-formats", LOYALTY_FORMAT);
    report = await add();
  }
  const wrong = report.refused.find(({ reason }) => reason !== "taken");
  if (wrong !== undefined) throw new Error(`demo member ${wrong.row} was refused: ${wrong.reason}`);
  return members.map(({ loyalty }) => loyalty);
}

async function addBeacon(ops: StaffClient, store: StoreId, file: string): Promise<ElementJwk> {
  const kept = readKept(file) as ElementJwk | null;
  const element = kept === null ? await SecureElement.make() : await SecureElement.restore(kept);
  const privateJwk = await element.save();
  if (kept === null) writeKept(file, privateJwk);
  const publicKey = Buffer.from(await element.publicPoint()).toString("base64");
  await ops.put(`/admin/v1/stores/${store}/beacons/${BEACON}`, { publicKey });
  return privateJwk;
}
