import { compactDecrypt, importJWK, type JWK } from "jose";
import { z } from "zod";

/** What the platform tells a retailer of its member: GDPR Art. 19. Of an erasure there are no fields. */
const message = z.strictObject({
  notice: z.uuid(),
  kind: z.enum(["correction", "erasure"]),
  recipient: z.string().max(64),
  loyalty: z.array(z.string().max(64)),
  fields: z.record(z.string().max(16), z.string().max(400).nullable()).optional(),
  at: z.int(),
});
export type NoticeMessage = z.infer<typeof message>;

/**
 * Opens a notice that was sealed to the retailer's key.
 * @param privateJwk the private half, as JSON
 * @returns undefined when it was sealed to another key, was changed or says something else
 */
export async function openNotice(privateJwk: string, jwe: string): Promise<NoticeMessage | undefined> {
  try {
    const key = await importJWK(JSON.parse(privateJwk) as JWK, "ECDH-ES");
    const { plaintext } = await compactDecrypt(jwe, key, {
      keyManagementAlgorithms: ["ECDH-ES"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    const parsed = message.safeParse(JSON.parse(new TextDecoder().decode(plaintext)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
