import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { connect, type Socket } from "node:net";
import { createServer } from "node:tls";

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;
const DAY = 86_400_000;

/** A server's certificate and the authority that the modem pins, PEM. */
export interface ServerIdentity {
  readonly key: string;
  readonly certificate: string;
  readonly authority: string;
}

/** A certificate for one host name under an authority of its own, good for a day from now. */
export async function makeServerIdentity(host: string, now: number = Date.now()): Promise<ServerIdentity> {
  const [authorityKeys, serverKeys] = await Promise.all([keyPair(), keyPair()]);
  const dates = { notBefore: new Date(now - DAY), notAfter: new Date(now + DAY), signingAlgorithm: SIGNATURE };
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates,
    serialNumber: "01",
    name: "CN=Local test authority",
    keys: authorityKeys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...dates,
    serialNumber: "02",
    subject: `CN=${host}`,
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: host }]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", serverKeys.privateKey);
  return {
    key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
    certificate: certificate.toString("pem"),
    authority: authority.toString("pem"),
  };
}

function keyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
}

export interface TlsFront {
  readonly port: number;
  /** Ends every connection towards the modem, as a load balancer does that is being replaced. */
  hangUp(): void;
  close(): Promise<void>;
}

/** Ends TLS in front of the cell's api port, which speaks HTTP on loopback, as the edge does in front of a Worker. */
export async function openTlsFront(identity: ServerIdentity, apiPort: number): Promise<TlsFront> {
  const open = new Set<Socket>();
  const server = createServer({ key: identity.key, cert: identity.certificate, minVersion: "TLSv1.2" }, (secure) => {
    const plain = connect(apiPort, "127.0.0.1");
    open.add(secure);
    secure.pipe(plain).pipe(secure);
    secure.on("error", () => plain.destroy());
    plain.on("error", () => secure.destroy());
    secure.on("close", () => {
      open.delete(secure);
      plain.destroy();
    });
  });
  // A modem that does not trust us, or that vanished in the handshake.
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const hangUp = () => {
    for (const socket of open) socket.end();
  };
  return {
    port: address.port,
    hangUp,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
