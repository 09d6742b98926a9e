import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { ModemFaults } from "./modem-faults.ts";
import type { ModemTraffic } from "./modem-traffic.ts";

/** Quectel's code for a TLS connection that did not come about. */
const OPEN_FAILED = 579;

export interface Network {
  /** PEM of the authority that the modem has in its file system as root.pem. */
  readonly authority: string;
  /** Where a host really is; undefined: nobody knows it. */
  readonly route: (host: string, port: number) => { readonly host: string; readonly port: number } | undefined;
}

export interface SocketSurroundings {
  readonly network: Network;
  readonly faults: ModemFaults;
  readonly traffic: ModemTraffic;
  /** Writes a URC to the cart. */
  readonly say: (urc: string) => void;
}

/** The modem's socket 0: a real TLS connection, and what came out of it and was not read yet. */
export class ModemSocket {
  readonly #around: SocketSurroundings;
  #raw: Socket | null = null;
  #secure: TLSSocket | null = null;
  #received = Buffer.alloc(0);
  #announced = false;

  constructor(around: SocketSurroundings) {
    this.#around = around;
  }

  /** Taken from the first attempt to open it until it is freed, whatever became of the connection. */
  get isTaken(): boolean {
    return this.#secure !== null;
  }

  get isWritable(): boolean {
    return this.#secure !== null && !this.#secure.destroyed && this.#secure.writable;
  }

  /**
   * Begins to connect; a URC says how it ended.
   * @param verifies whether the server has to be of the pinned authority
   */
  open(host: string, port: number, verifies: boolean): void {
    const { network, traffic, say } = this.#around;
    const target = network.route(host, port);
    const raw = connect(target?.port ?? 1, target?.host ?? "127.0.0.1");
    // One write a record, at once: what is counted is what a radio would carry.
    raw.setNoDelay(true);
    const secure = connectTls({
      socket: raw,
      servername: host,
      ca: verifies ? network.authority : "",
      // What "sslversion",1,3 asks for, and what byte counts are compared at.
      minVersion: "TLSv1.2",
      maxVersion: "TLSv1.2",
    });
    this.#raw = raw;
    this.#secure = secure;
    const isMine = () => this.#secure === secure;
    let opened = false;
    secure.on("secureConnect", () => {
      if (!isMine()) return;
      opened = true;
      traffic.connections += 1;
      say("+QSSLOPEN: 0,0");
    });
    secure.on("data", (bytes: Buffer) => {
      if (isMine()) this.#arrived(bytes);
    });
    secure.on("error", () => {
      if (isMine() && !opened) say(`+QSSLOPEN: 0,${OPEN_FAILED}`);
      opened ||= isMine();
    });
    secure.on("close", () => {
      traffic.tlsUp += raw.bytesWritten;
      traffic.tlsDown += raw.bytesRead;
      if (isMine() && opened) say('+QSSLURC: "closed",0');
    });
  }

  write(data: Uint8Array): void {
    this.#around.traffic.up(data);
    this.#secure?.write(data);
  }

  /** Takes at most so many bytes of what was received. */
  read(most: number): Buffer {
    const data = this.#received.subarray(0, most);
    this.#received = this.#received.subarray(data.length);
    if (this.#received.length === 0) this.#announced = false;
    return data;
  }

  /** Ends the connection and forgets what it brought. */
  free(): void {
    const secure = this.#secure;
    this.#secure = null;
    this.#raw = null;
    this.#received = Buffer.alloc(0);
    this.#announced = false;
    secure?.end();
    secure?.destroySoon();
  }

  /** The network cuts the connection without a word to anybody: a NAT's entry timed out. */
  cut(): void {
    this.#raw?.destroy();
  }

  #arrived(bytes: Buffer): void {
    const { faults, traffic, say } = this.#around;
    const twice = faults.duplicates > 0;
    if (twice) faults.duplicates -= 1;
    traffic.down(bytes);
    this.#received = Buffer.concat([this.#received, bytes, ...(twice ? [bytes] : [])]);
    if (this.#announced) return;
    this.#announced = true;
    say('+QSSLURC: "recv",0');
  }
}
