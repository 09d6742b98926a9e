import { createServer } from "node:net";
import type { Origin } from "./rooms.ts";

const ORIGINS: readonly Origin[] = ["api", "ops", "pay", "processor", "pos", "issuer"];

/** Below what systems give to outgoing connections: such a port, free now, may be taken by anyone a moment later. */
const FIRST = 20_000;
const LAST = 32_000;
const TRIES = 200;

/** Ports that are free on 127.0.0.1 at this moment, for a platform of a test's own. */
export async function freePorts(): Promise<Record<Origin, number>> {
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < ORIGINS.length; attempt += 1) {
    if (attempt === TRIES) throw new Error(`no free ports between ${FIRST} and ${LAST}`);
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) ports.add(port);
  }
  return Object.fromEntries([...ports].map((port, i) => [ORIGINS[i], port])) as Record<Origin, number>;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
