import { hex } from "../../../protocol/bytes.ts";
import { answerRange } from "../../../protocol/cart/range.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { MAX_IMAGE_BYTES, type FirmwarePart } from "../../../protocol/rooms/fleet.ts";

/** What the room needs of its bucket; images are kept under `images/<digest>`. */
export type ImageBucket = Pick<R2Bucket, "get" | "head" | "put">;

const keyOf = (digest: string): string => `images/${digest}`;

/** Keeps an image under the digest that it really has. The bucket checks the bytes once more as it writes them. */
export async function putImage(
  bucket: ImageBucket,
  digest: string,
  image: Uint8Array,
): Promise<Result<undefined, "image_mismatch" | "unavailable">> {
  if (image.byteLength === 0 || image.byteLength > MAX_IMAGE_BYTES) return fail("image_mismatch");
  const copy = image.slice();
  const found = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", copy)));
  if (found !== digest) return fail("image_mismatch");
  return withBucket(async () => {
    if ((await bucket.head(keyOf(digest))) === null) await bucket.put(keyOf(digest), copy, { sha256: digest });
    return ok();
  });
}

/** Bytes of an image that is kept; null: there is none. */
export function imageSize(bucket: ImageBucket, digest: string): Promise<Result<number | null, "unavailable">> {
  return withBucket(async () => ok((await bucket.head(keyOf(digest)))?.size ?? null));
}

/**
 * A released image or the part that is asked for.
 * @param size bytes, of its release
 * @param range the `Range` field
 */
export function readImage(
  bucket: ImageBucket,
  digest: string,
  size: number,
  range: string | null,
): Promise<Result<FirmwarePart, "unavailable">> {
  return withBucket<FirmwarePart, "unavailable">(async () => {
    const asked = answerRange(range, size);
    if (asked === "unsatisfiable") return ok({ size, range: asked, bytes: new Uint8Array(0) });
    const part =
      asked === "whole" ? { offset: 0, length: size } : { offset: asked.first, length: asked.last - asked.first + 1 };
    const object = await bucket.get(keyOf(digest), { range: part });
    const bytes = object === null ? new Uint8Array(0) : new Uint8Array(await object.arrayBuffer());
    if (bytes.byteLength !== part.length) {
      console.error("fleet: a released image is not whole in the bucket:", digest);
      return fail("unavailable");
    }
    return ok({ size, range: asked, bytes });
  });
}

/** The bucket's failure is an answer; its message may name what was asked, so it is not logged. */
async function withBucket<T, R extends string>(
  work: () => Promise<Result<T, R>>,
): Promise<Result<T, R | "unavailable">> {
  try {
    return await work();
  } catch {
    console.error("fleet: the bucket did not answer");
    return fail("unavailable");
  }
}
