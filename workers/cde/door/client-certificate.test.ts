import { expect, it } from "vitest";
import { certificateAccepted } from "./client-certificate.ts";

const good = { certPresented: "1", certVerified: "SUCCESS", certRevoked: "0" };

it("a verified certificate that is not revoked is accepted", () => {
  expect(certificateAccepted("eu", good)).toBe(true);
});

it.each([
  ["none", undefined],
  ["an absent one", { ...good, certPresented: "0" }],
  ["an unverified one", { ...good, certVerified: "FAILED:unable to get issuer certificate" }],
  ["a revoked one, though it verifies", { ...good, certRevoked: "1" }],
  ["one of unknown revocation", { certPresented: "1", certVerified: "SUCCESS" }],
])("%s is refused where it counts", (_what, presented) => {
  expect(certificateAccepted("us", presented)).toBe(false);
});

it("one machine alone has no certificates to ask for", () => {
  expect(certificateAccepted("local", undefined)).toBe(true);
});
