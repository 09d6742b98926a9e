import { CartClient } from "../cart/client.ts";
import type { CartOptions } from "../cart/options.ts";
import { StoreBeacon } from "../cart/beacon.ts";
import { SecureElement } from "../cart/secure-element.ts";
import { Person } from "../person/client.ts";
import type { CellKeys } from "../platform/keys.ts";
import type { Origin } from "../platform/rooms.ts";
import type { SeededStore } from "../platform/seed.ts";
import { staffClient } from "../staff/client.ts";
import { ReaderVendor } from "../terminal/reader-vendor.ts";
import { Terminal } from "../terminal/terminal.ts";
import type { Surroundings } from "./shopper.ts";

/** Where a trip happens: the store, the keys of the parties outside, the origins. */
export interface Place {
  readonly store: SeededStore;
  readonly keys: CellKeys;
  readonly origins: Readonly<Record<Origin, string>>;
}

/** A cart of the store, switched on. Boot counts are seconds since the epoch: they grow from run to run. */
export async function switchOn(place: Place, index: number, options: Partial<CartOptions> = {}): Promise<CartClient> {
  const unit = place.store.carts[index];
  if (unit === undefined) throw new Error(`the store has no cart ${index}`);
  const { firmware } = place.store;
  return new CartClient({
    origin: place.origins.api,
    serial: unit.serial,
    certificate: Buffer.from(unit.certificate, "base64"),
    element: await SecureElement.restore(unit.privateJwk),
    firmware: {
      version: firmware.version,
      digest: Buffer.from(firmware.digest, "hex"),
      securityCounter: firmware.securityCounter,
    },
    reader: `READER-${index + 1}`,
    rootPublicKey: Buffer.from(place.store.rootPublicKey, "base64"),
    boot: Math.floor(Date.now() / 1000),
    ...options,
  });
}

/** The people and things around the cart with this index. */
export async function around(place: Place, index: number, withPhone: boolean): Promise<Surroundings> {
  const { store, keys, origins } = place;
  const terminalId = store.terminals[index % store.terminals.length] ?? "";
  const person = withPhone
    ? new Person({ apiOrigin: origins.api, issuerOrigin: origins.issuer, username: `shopper-${index + 1}` })
    : null;
  await person?.signIn();
  return {
    store: store.store,
    apiOrigin: origins.api,
    beacon: await StoreBeacon.restore(store.store, store.beacon.privateJwk),
    terminal: new Terminal({
      processorOrigin: origins.processor,
      key: keys.secrets["PROCESSOR_KEY"] ?? "",
      terminal: terminalId,
      store: store.store,
    }),
    terminalId,
    reader: new ReaderVendor({ payOrigin: origins.pay, clientKey: keys.outside.readerVendorJwk }),
    staff: staffClient({ cell: store.cell, origin: origins.ops, signingJwk: keys.outside.staffSigningJwk }),
    loyalty: store.loyaltyNumbers[index % store.loyaltyNumbers.length] ?? "",
    person,
  };
}
