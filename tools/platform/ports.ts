import { createServer } from "node:net";
import type { Origin } from "./rooms.ts";

const ORIGINS: readonly Origin[] = ["api", "ops", "pay", "processor", "pos", "issuer"];

/** Ports that are free on 127.0.0.1 at this moment, for a platform of a test's own. */
export async function freePorts(): Promise<Record<Origin, number>> {
  const servers = await Promise.all(
    ORIGINS.map(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return Object.fromEntries(ORIGINS.map((origin, i) => [origin, ports[i]])) as Record<Origin, number>;
}
