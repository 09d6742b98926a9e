import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

/** What the cart writes after it has set up a channel: bytes sent to it before were lost with its FIFO's reset. */
const READY = Buffer.from("READY\n");

/** The peripheral's end of a serial line. */
export interface Wire {
  write(bytes: Uint8Array | string): void;
}

/** One device at the end of a line. */
export interface Peripheral {
  /** The cart has started, or started anew; from here on it hears what is written. */
  start(wire: Wire): void;
  receive(bytes: Buffer): void;
  /** The cart is gone. */
  stop?(): void;
}

export interface Line {
  readonly path: string;
  close(): Promise<void>;
}

/** Gives a peripheral a Unix socket that the emulator, or the host port, connects to. */
export async function openLine(path: string, peripheral: Peripheral): Promise<Line> {
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket, peripheral, () => sockets.delete(socket));
  });
  await listen(server, path);
  return {
    path,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}

function serve(socket: Socket, peripheral: Peripheral, gone: () => void): void {
  const marker = new Marker();
  socket.on("data", (bytes) => {
    let from = 0;
    for (const end of marker.ends(bytes)) {
      // What was read of the marker itself is noise that the peripheral forgets as it starts.
      if (end > from) peripheral.receive(bytes.subarray(from, end));
      peripheral.start({ write: (out) => void (socket.destroyed || socket.write(out)) });
      from = end;
    }
    if (from < bytes.length) peripheral.receive(bytes.subarray(from));
  });
  // The emulator was killed: that is how tests cut the power.
  socket.on("error", () => undefined);
  socket.on("close", () => {
    peripheral.stop?.();
    gone();
  });
}

/** Finds READY in a stream that may be cut anywhere. No text of a line holds it, and bytes do once in 2^48. */
class Marker {
  #matched = 0;

  /** Where in these bytes a marker ends. */
  ends(bytes: Uint8Array): number[] {
    const ends: number[] = [];
    for (const [at, byte] of bytes.entries()) {
      this.#matched = byte === READY[this.#matched] ? this.#matched + 1 : byte === READY[0] ? 1 : 0;
      if (this.#matched < READY.length) continue;
      this.#matched = 0;
      ends.push(at + 1);
    }
    return ends;
  }
}
