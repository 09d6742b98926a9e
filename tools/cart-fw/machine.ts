import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CardReaderSimulator } from "../../cart-fw/sim/card-reader.ts";
import { DisplaySimulator } from "../../cart-fw/sim/display.ts";
import { ModemSimulator } from "../../cart-fw/sim/modem.ts";
import { RadioSimulator } from "../../cart-fw/sim/radio.ts";
import { ScaleSimulator } from "../../cart-fw/sim/scale.ts";
import { ScannerSimulator } from "../../cart-fw/sim/scanner.ts";
import { SecureElementSimulator } from "../../cart-fw/sim/secure-element.ts";
import { makeServerIdentity, openTlsFront, type ServerIdentity, type TlsFront } from "../../cart-fw/sim/tls-front.ts";
import type { Peripheral, Wire } from "../../cart-fw/sim/wire.ts";
import type { SessionId } from "../../protocol/ids.ts";
import { StoreBeacon } from "../cart/beacon.ts";
import { ReaderVendor } from "../terminal/reader-vendor.ts";
import { Terminal } from "../terminal/terminal.ts";
import type { TestCard } from "../terminal/test-cards.ts";
import type { Place } from "../trip/party.ts";
import { openLines, type Body } from "./body.ts";
import { factoryRecord } from "./factory-record.ts";
import { Shopper } from "./paying-party.ts";

/** How a cell is reached over TLS: what the edge's host name is, and who vouches for it. */
export interface Reach {
  readonly host: string;
  readonly identity: ServerIdentity;
  readonly front: TlsFront;
  close(): Promise<void>;
}

const TLS_PORT = 443;
const APN = "iot.cart.test";

/** Puts TLS in front of a cell's api port, for all carts that call it. */
export async function openReach(place: Place): Promise<Reach> {
  const host = `api.${place.store.cell}.cart.test`;
  const identity = await makeServerIdentity(host);
  const front = await openTlsFront(identity, Number(new URL(place.origins.api).port));
  return { host, identity, front, close: () => front.close() };
}

/** Text that the firmware writes for a technician. */
class Log implements Peripheral {
  text = "";
  start(): void {}
  receive(bytes: Buffer): void {
    this.text = (this.text + bytes.toString("utf8")).slice(-100_000);
  }
}

/** The test control: what it hears is kept, what is written goes to the firmware. */
class Control implements Peripheral {
  text = "";
  wire: Wire | null = null;
  start(wire: Wire): void {
    this.wire = wire;
  }
  receive(bytes: Buffer): void {
    this.text += bytes.toString("latin1");
  }
}

export interface MachineOptions {
  readonly place: Place;
  readonly reach: Reach;
  /** Which of the store's carts it is. */
  readonly index: number;
  /** Makes the body that runs the firmware, with the factory's record in its flash. */
  readonly body: (factory: Buffer, folder: string) => Promise<Body>;
  /** Held out at the terminal; null: somebody holds one out later. */
  readonly card: TestCard | null;
  readonly scalePeriodMs?: number;
}

/**
 * A cart with the firmware in it and everything that it touches around it. Neither its emulator nor its folder outlives
 * this process, whatever ends it.
 */
export class CartMachine {
  static readonly #made = new Set<CartMachine>();
  static {
    process.on("exit", () => CartMachine.#made.forEach((machine) => machine.#abandon()));
  }

  readonly modem: ModemSimulator;
  readonly element: SecureElementSimulator;
  readonly scanner = new ScannerSimulator();
  readonly reader: CardReaderSimulator<TestCard>;
  readonly scale: ScaleSimulator;
  readonly display = new DisplaySimulator();
  readonly radio: RadioSimulator;
  readonly shopper: Shopper;
  readonly log = new Log();
  readonly control = new Control();
  readonly folder: string;
  readonly #options: MachineOptions;
  #body: Body | null = null;
  #lines: Awaited<ReturnType<typeof openLines>> | null = null;

  private constructor(options: MachineOptions, beacon: StoreBeacon) {
    const { place, reach, index } = options;
    const { store } = place;
    const unit = store.carts[index];
    if (unit === undefined) throw new Error(`the store has no cart ${index}`);
    this.#options = options;
    this.folder = mkdtempSync(join(tmpdir(), "cart-"));
    CartMachine.#made.add(this);
    this.element = new SecureElementSimulator({ privateJwk: unit.privateJwk });
    this.modem = new ModemSimulator({
      authority: reach.identity.authority,
      route: (host, port) =>
        host === reach.host && port === TLS_PORT ? { host: "127.0.0.1", port: reach.front.port } : undefined,
    });
    const vendor = new ReaderVendor({
      payOrigin: place.origins.pay,
      clientKey: place.keys.outside.readerVendorJwk,
    });
    this.reader = new CardReaderSimulator(
      `READER-${index + 1}`,
      async (card) => (await vendor.tap(card, store.store)).token,
    );
    this.scale = new ScaleSimulator(options.scalePeriodMs);
    this.shopper = new Shopper(terminalsOf(place), options.card);
    this.radio = new RadioSimulator({ beacon: (nonce) => beacon.state(nonce), terminal: this.shopper });
  }

  /** Makes the cart and what is around it; nothing runs before powerOn. The store's beacon is near, no terminal is. */
  static async make(options: MachineOptions): Promise<CartMachine> {
    const { store } = options.place;
    const machine = new CartMachine(options, await StoreBeacon.restore(store.store, store.beacon.privateJwk));
    try {
      await machine.#assemble();
    } catch (error) {
      await machine.end();
      throw error;
    }
    machine.radio.near("beacon", store.store);
    return machine;
  }

  async #assemble(): Promise<void> {
    const { place, reach, index, body } = this.#options;
    const { store } = place;
    const unit = store.carts[index];
    if (unit === undefined) throw new Error(`the store has no cart ${index}`);
    const factory = await factoryRecord({
      serial: unit.serial,
      certificate: Uint8Array.from(Buffer.from(unit.certificate, "base64")),
      rootPublicKey: Buffer.from(store.rootPublicKey, "base64"),
      cell: store.cell,
      host: reach.host,
      port: TLS_PORT,
      apn: APN,
      point: this.element.point,
    });
    this.#body = await body(factory, this.folder);
    this.#lines = await openLines(this.folder, {
      log: this.log,
      modem: this.modem,
      element: this.element,
      scanner: this.scanner,
      nfc: this.reader,
      scale: this.scale,
      display: this.display,
      ble: this.radio,
      control: this.control,
    });
  }

  get body(): Body {
    if (this.#body === null) throw new Error("the cart was not made");
    return this.#body;
  }

  get place(): Place {
    return this.#options.place;
  }

  get index(): number {
    return this.#options.index;
  }

  /** The trip that the cart spoke of last. */
  get session(): SessionId | null {
    return this.modem.traffic.session;
  }

  async powerOn(): Promise<void> {
    if (this.#lines === null) throw new Error("the cart was not made");
    await this.body.powerOn(this.#lines.sockets);
  }

  powerOff(): Promise<void> {
    return this.body.powerOff();
  }

  async end(): Promise<void> {
    await this.#body?.powerOff();
    await this.#lines?.close();
    rmSync(this.folder, { recursive: true, force: true });
    CartMachine.#made.delete(this);
  }

  /** What of its end can be done at once. */
  #abandon(): void {
    void this.#body?.powerOff();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function terminalsOf({ store, keys, origins }: Place): ReadonlyMap<string, Terminal> {
  return new Map(
    store.terminals.map((terminal) => [
      terminal,
      new Terminal({
        processorOrigin: origins.processor,
        key: keys.secrets["PROCESSOR_KEY"] ?? "",
        terminal,
        store: store.store,
      }),
    ]),
  );
}
