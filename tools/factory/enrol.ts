import type { CartSerial, StoreId } from "../../protocol/ids.ts";
import { SecureElement, type ElementJwk } from "../cart/secure-element.ts";
import { OpsError, type StaffClient } from "../staff/client.ts";
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
 * run again; for carts that are enrolled already, nothing changes. A cart that was revoked is scrapped and replaced.
 * @throws OpsError when the cell refuses or does not answer
 */
export async function enrolCarts(order: EnrolmentOrder): Promise<EnrolledCart[]> {
  const units = await keptUnits(order.file);
  const enrolled: EnrolledCart[] = [];
  await list(units, order.ops);
  while (enrolled.length < order.count) {
    if (units.length === enrolled.length) {
      const made = await Promise.all(Array.from({ length: order.count - units.length }, makeUnit));
      units.push(...made);
      await keep(units, order.file);
      await list(made, order.ops);
    }
    const unit = units[enrolled.length];
    const cart = unit === undefined ? null : await enrol(unit, order);
    if (cart === null) {
      units.splice(enrolled.length, 1);
      continue;
    }
    enrolled.push(cart);
    order.onCart?.(enrolled.length, order.count);
  }
  await keep(units, order.file);
  return enrolled;
}

async function list(units: readonly CartUnit[], ops: StaffClient): Promise<void> {
  const entries = await Promise.all(units.map(manifestEntry));
  if (entries.length > 0) await ops.post("/admin/v1/fleet/manifest", { entries });
}

/** Null when the cart was revoked: its key is never trusted again. */
async function enrol(unit: CartUnit, { ops, store }: EnrolmentOrder): Promise<EnrolledCart | null> {
  const csr = Buffer.from(await certificationRequest(unit)).toString("base64");
  try {
    const { certificate } = await ops.post<{ certificate: string }>("/admin/v1/fleet/enrolments", { csr });
    await ops.put(`/admin/v1/fleet/carts/${unit.serial}/assignment`, { store });
    return { serial: unit.serial, certificate, privateJwk: await unit.element.save() };
  } catch (error) {
    if (error instanceof OpsError && error.code === "revoked") return null;
    throw error;
  }
}

async function keptUnits(file: string | null): Promise<CartUnit[]> {
  const kept = (file === null ? null : (readKept(file) as KeptCart[] | null)) ?? [];
  return Promise.all(
    kept.map(async ({ serial, privateJwk }) => ({
      serial,
      element: await SecureElement.restore(privateJwk),
    })),
  );
}

async function keep(units: readonly CartUnit[], file: string | null): Promise<void> {
  if (file === null) return;
  const kept = await Promise.all(
    units.map(async ({ serial, element }): Promise<KeptCart> => ({ serial, privateJwk: await element.save() })),
  );
  writeKept(file, kept);
}
