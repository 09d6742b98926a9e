/** The vectors as files: flat JSON that a C test reads as easily as a TypeScript one. */
import { fromHex, hex } from "../../protocol/bytes.ts";
import { refusedAnswerVectors } from "./answers-refused.ts";
import { bodyVectors } from "./bodies.ts";
import { cartStatementVectors } from "./cart-statements.ts";
import { frameVectors } from "./frames.ts";
import { itemVectors } from "./items.ts";
import { KEY_DERIVATION, testKey } from "./keys.ts";
import { manifestVectors } from "./manifests.ts";
import { answerVectors, helloVectors, messageVectors, statementVectors, type TestKeys } from "./messages.ts";

/** File name and content, the index first. The same at every call. */
export async function vectorFiles(): Promise<ReadonlyMap<string, string>> {
  const keys: TestKeys = {
    cart: await testKey("cart"),
    stranger: await testKey("stranger"),
    beacon: await testKey("beacon"),
    statement: await testKey("statement"),
    root: await testKey("root"),
  };
  const releaseKeys = {
    build: await testKey("build"),
    buildNext: await testKey("build next"),
    release: await testKey("release"),
  };
  const allKeys = [...Object.values(keys), ...Object.values(releaseKeys)];
  const statements = await statementVectors(keys);
  const frameOf = (name: string): Uint8Array => fromHex(statements.find((one) => one.name === name)?.frame ?? "");
  const messages = await messageVectors(keys.cart, frameOf("beacon statement"));
  const answers = answerVectors(frameOf("store attestation"), frameOf("cell key"));
  const close = messages.find(({ message }) => message === "close");
  const contents: readonly (readonly [file: string, about: string, vectors: readonly object[]])[] = [
    [
      "keys.json",
      `P-256 public points by name. ${KEY_DERIVATION}; kid = the first 8 bytes of SHA-256 over the point, for carts too.`,
      allKeys.map(({ name, point, kid }) => ({ name, point: hex(point), kid: hex(kid) })),
    ],
    ["items.json", "Single CBOR items: accepted or refused.", itemVectors()],
    ["messages.json", "Every signed request: payload, frame and what they say.", messages],
    ["hello.json", "The unsigned request.", helloVectors(keys.cart)],
    ["answers.json", "Every answer.", answers],
    ["answers-refused.json", "Answers that a cart must refuse.", refusedAnswerVectors(answers)],
    ["statements.json", "What the beacon, the cell and the root sign.", statements],
    [
      "statements-judged.json",
      "Statements as a cart judges them that has the serial, store and nonce of statements.json, in the cell us, at the beginning of that store attestation.",
      await cartStatementVectors(keys),
    ],
    [
      "frames.json",
      "Frames to verify with `key` for `purpose`: `result` is accepted or the code of the refusal.",
      frameVectors(keys.cart, keys.stranger, fromHex(close?.payload ?? "").slice()),
    ],
    [
      "manifests.json",
      "Firmware manifests: `result` is accepted, with the pinned keys `build` or `build next`, and `release`; or the reason.",
      manifestVectors({ ...releaseKeys, stranger: keys.stranger }),
    ],
    ["payloads-refused.json", "Payloads of good frames, to decode as `message`: `result` is the code.", bodyVectors()],
  ];
  const index = contents.map(([file, about, vectors]) => ({ file, about, count: vectors.length }));
  return new Map([
    ["index.json", lines(index)],
    ...contents.map(([file, , vectors]): [string, string] => [file, lines(vectors)]),
  ]);
}

/** One vector a line, so that a change shows as the vector that changed. */
function lines(vectors: readonly object[]): string {
  return `[\n${vectors.map((vector) => ` ${JSON.stringify(vector)}`).join(",\n")}\n]\n`;
}
