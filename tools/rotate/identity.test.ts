import { expect, it } from "vitest";
import { OpsError, type StaffClient } from "../staff/client.ts";
import { rotateIdentity } from "./identity.ts";

it("a rotation that the door refuses ends with what the door said", async () => {
  const ops = {
    get: () => Promise.reject(new OpsError("GET /admin/v1/identity-keys", 401, "token", undefined)),
  } as unknown as StaffClient;
  const ring = `1*:${Buffer.alloc(32, 7).toString("base64")}`;
  const deployed: object[] = [];
  const rotation = rotateIdentity({
    ops,
    secrets: () => Promise.resolve({ IDENTITY_KEK: ring, IDENTITY_INDEX_KEY: ring }),
    deploy: (secrets) => Promise.resolve(void deployed.push(secrets)),
    say: () => undefined,
    sleep: () => Promise.resolve(),
  });
  await expect(rotation).rejects.toThrow("(last answer: GET /admin/v1/identity-keys: 401 token)");
  expect(deployed).toHaveLength(1);
});
