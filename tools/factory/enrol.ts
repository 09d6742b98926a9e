import type { CartSerial, StoreId } from "../../protocol/ids.ts";
import { SecureElement, type ElementJwk } from "../cart/secure-element.ts";
import type { StaffClient } from "../staff/client.ts";
import { certificationRequest, makeUnit, manifestEntry, type CartUnit } from "./cart-unit.ts";
import { readKept, writeKept } from "./kept-file.ts";

/** A simulated cart that is ready to be switched on. */
export interface EnrolledCart {
  readonly serial: CartSerial;
  /** DER, base64. */
  readonly certificate: string;
  readonly privateJwk: ElementJwk;
}

export interface EnrolmentOrder {
  readonly ops: StaffClient;
  readonly store: StoreId;
  readonly count: number;
  /** Where the carts' keys are kept between runs; null keeps nothing. */
  readonly file: string | null;
  readonly onCart?: (done: number, of: number) => void;
}

interface KeptCart {
  readonly serial: CartSerial;
  readonly privateJwk: ElementJwk;
}

/**
 * The factory's station: makes carts (or takes the ones that it made before), lists them in the manifest, has each
 * one enrolled and assigned to the store. Keys are kept before anything is sent, so a run that was cut off is simply
 * run again; for carts that are enrolled already, nothing changes.
 * @throws OpsError when the cell refuses or does not answer
 */
export async function enrolCarts(order: EnrolmentOrder): Promise<EnrolledCart[]> {
  const units = await unitsOf(order);
  const entries = await Promise.all(units.map(manifestEntry));
  if (entries.length > 0) await order.ops.post("/admin/v1/fleet/manifest", { entries });
  const enrolled: EnrolledCart[] = [];
  for (const unit of units) {
    const csr = Buffer.from(await certificationRequest(unit)).toString("base64");
    const { certificate } = await order.ops.post<{ certificate: string }>("/admin/v1/fleet/enrolments", { csr });
    await order.ops.put(`/admin/v1/fleet/carts/${unit.serial}/assignment`, { store: order.store });
    enrolled.push({ serial: unit.serial, certificate, privateJwk: await unit.element.save() });
    order.onCart?.(enrolled.length, units.length);
  }
  return enrolled;
}

async function unitsOf({ count, file }: EnrolmentOrder): Promise<CartUnit[]> {
  const kept = (file === null ? null : (readKept(file) as KeptCart[] | null)) ?? [];
  const units = await Promise.all(
    kept.slice(0, count).map(async ({ serial, privateJwk }) => ({
      serial,
      element: await SecureElement.restore(privateJwk),
    })),
  );
  if (units.length === count) return units;
  while (units.length < count) units.push(await makeUnit());
  const keep = await Promise.all(
    units.map(async ({ serial, element }): Promise<KeptCart> => ({ serial, privateJwk: await element.save() })),
  );
  if (file !== null) writeKept(file, keep);
  return units;
}
