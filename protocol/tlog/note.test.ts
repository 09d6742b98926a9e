import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { formatAddCheckpoint, parseAddCheckpoint } from "./add-checkpoint.ts";
import { fromBase64, fromDecimal, toBase64, utf8 } from "../bytes.ts";
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { checkCosignature, cosign, cosignersOf } from "./cosignature.ts";
import { witnessKeys } from "./keys.ts";
import { newSigner } from "./log-under-test.ts";
import {
  COSIGNATURE,
  ED25519,
  checkNote,
  formatNote,
  formatVerifierKey,
  parseNote,
  parseSignatures,
  parseVerifierKey,
  signNote,
  signerOf,
  type Note,
  type VerifierKey,
} from "./note.ts";

/** C2SP signed-note, Verifier keys, Example. */
const EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
/** C2SP signed-note, the note at its beginning. */
const POEM = `Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
`;
/** C2SP tlog-cosignature: tlog-checkpoint's example with a witness's line below it. */
const COSIGNED = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;
/** C2SP tlog-witness, add-checkpoint, Example request body. */
const REQUEST = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`;
/** The key and note in the documentation of golang.org/x/mod/sumdb/note, whose seed is public. */
const GO = {
  name: "PeterNeumann",
  vkey: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  skey: "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  line: "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
};

describe("signed notes", () => {
  it("of the specification are read, and written byte for byte", () => {
    for (const note of [EXAMPLE, POEM, COSIGNED]) expect(formatNote(opened(note))).toBe(note);
    expect(opened(POEM).text.endsWith("sera.\n")).toBe(true);
    expect(opened(POEM).text).toContain("sole:\n\ned");
  });

  it("verify with the specification's key, and not once a byte of the text is another", async () => {
    const key = await keyOf(EXAMPLE_KEY);
    expect(formatVerifierKey(key)).toBe(EXAMPLE_KEY);
    expect(await checkNote(opened(EXAMPLE), key)).toEqual({ ok: true, value: undefined });
    const changed = opened(EXAMPLE.replace("This", "Thiz"));
    expect(await checkNote(changed, key)).toEqual({ ok: false, reason: "invalid" });
    expect(await checkNote(opened(POEM), key)).toEqual({ ok: false, reason: "absent" });
  });

  it("are signed byte for byte as Go's own library signs", async () => {
    const seed = value(fromBase64(GO.skey)).subarray(1);
    const { publicKey } = await keyOf(GO.vkey);
    const jwk = { kty: "OKP", crv: "Ed25519", d: url(seed), x: url(publicKey) };
    const signer = await signerOf(GO.name, ED25519, JSON.stringify(jwk));
    expect(formatVerifierKey(signer.key)).toBe(GO.vkey);
    expect(await signNote(GO.text, signer)).toBe(`${GO.text}\n${GO.line}`);
  });

  it.each([
    ["no signature", "text\n\n"],
    ["no blank line", "text\n— a AAAAAAA=\n"],
    ["no last newline", EXAMPLE.slice(0, -1)],
    ["a tab", EXAMPLE.replace("This is", "This\tis")],
    ["a carriage return", EXAMPLE.replaceAll("\n", "\r\n")],
    ["a hyphen for the em dash", EXAMPLE.replace("—", "-")],
    ["a plus in the name", EXAMPLE.replace("example.com/foo", "example.com+foo")],
    ["a Unicode space in the name", EXAMPLE.replace("example.com/foo", "example.com\u2003foo")],
    ["two spaces", EXAMPLE.replace("/foo ", "/foo  ")],
    ["a name alone", "text\n\n— example.com/foo\n"],
    ["base64 without padding", EXAMPLE.replace("QM=\n", "QM\n")],
    ["base64 with stray bits", EXAMPLE.replace("QM=\n", "QN=\n")],
    ["a key id alone", "text\n\n— example.com/foo Uw2QOg==\n"],
    ["more signatures than anybody needs", `text\n\n${EXAMPLE.split("\n\n")[1]?.repeat(33)}`],
    ["more than its largest size", `${"x".repeat(17_000)}\n\n${EXAMPLE.split("\n\n")[1]}`],
  ])("with %s are refused", (_what, note) => {
    expect(parseNote(note)).toEqual({ ok: false, reason: "malformed" });
  });

  it("that are not UTF-8 are refused", () => {
    const bytes = utf8(EXAMPLE);
    bytes[3] = 0xff;
    expect(parseNote(bytes)).toEqual({ ok: false, reason: "malformed" });
  });

  it.each([
    EXAMPLE_KEY.replace("530d903a", "530d903b"),
    EXAMPLE_KEY.replace("foo+", "fo+"),
    EXAMPLE_KEY.replace("+AekyeR", "+AukyeR"),
    EXAMPLE_KEY.slice(0, -4),
    "example.com/foo",
    "",
  ])("%j is no verifier key", async (text) => {
    expect(await parseVerifierKey(text)).toEqual({ ok: false, reason: "malformed" });
  });

  it("are signed by nothing but an Ed25519 key, and the error does not quote it", async () => {
    for (const jwk of ["", "{}", '{"kty":"OKP","crv":"Ed25519","d":"c2VjcmV0","x":"c2VjcmV0"}'])
      await expect(signerOf("log.example", ED25519, jwk)).rejects.toThrow(/^the log's signing key is no Ed25519/);
    await expect(signerOf("log example", ED25519, "{}")).rejects.toThrow("not a name");
  });
});

describe("checkpoints", () => {
  it("of the specification are read, and written byte for byte", () => {
    const { text } = opened(COSIGNED);
    const checkpoint = value(parseCheckpoint(text));
    expect(checkpoint).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20_852_163, extensions: [] });
    expect(formatCheckpoint(checkpoint)).toBe(text);
  });

  it("are opened only by the key of the log that they name", async () => {
    const [log, other] = [await newSigner("log.example"), await newSigner("log.example")];
    const root = new Uint8Array(32).fill(7);
    const note = await signCheckpoint(12, root, log);
    expect(await openCheckpoint(note, log.key)).toMatchObject({ ok: true, value: { size: 12, root } });
    expect(await openCheckpoint(note, other.key)).toEqual({ ok: false, reason: "unsigned" });
    const foreign = await signNote(`other.example\n12\n${toBase64(root)}\n`, log);
    expect(await openCheckpoint(foreign, log.key)).toEqual({ ok: false, reason: "unsigned" });
    const changed = note.replace("\n12\n", "\n13\n");
    expect(await openCheckpoint(changed, log.key)).toEqual({ ok: false, reason: "unsigned" });
    expect(await openCheckpoint("", log.key)).toEqual({ ok: false, reason: "malformed" });
  });

  const ROOT = toBase64(new Uint8Array(32));
  it.each([
    `log.example\n1\n${ROOT}`,
    `log.example\n01\n${ROOT}\n`,
    `log.example\n-1\n${ROOT}\n`,
    `log.example\n1e3\n${ROOT}\n`,
    `log.example\n9007199254740993\n${ROOT}\n`,
    `log.example\n1\nAAAA\n`,
    `log.example\n1\n`,
    `\n1\n${ROOT}\n`,
    `log.example\n1\n${ROOT}\n\nmore\n`,
    "",
  ])("like %j are refused", (text) => {
    expect(parseCheckpoint(text)).toEqual({ ok: false, reason: "malformed" });
  });
});

describe("cosignatures", () => {
  it("of the specification carry the time that its message is of", () => {
    const line = opened(COSIGNED).signatures[1];
    if (line === undefined) throw new Error("no line of a witness");
    expect(line.signature).toHaveLength(72);
    expect(new DataView(line.signature.buffer).getBigUint64(0)).toBe(1_679_315_147n);
  });

  it("sign the specification's message: header, time, checkpoint", async () => {
    const witness = await newSigner("witness.example.com/w1", COSIGNATURE);
    const { text } = opened(COSIGNED);
    const line = await cosign(text, 1_679_315_147, witness);
    const message = `cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n`;
    const key = createPublicKey({
      key: { kty: "OKP", crv: "Ed25519", x: url(witness.key.publicKey) },
      format: "jwk",
    });
    expect(verify(null, Buffer.from(message), key, line.signature.subarray(8))).toBe(true);
    expect(await checkCosignature(text, line, witness.key)).toEqual({ ok: true, value: 1_679_315_147 });
  });

  it("do not hold for another text, time, name or type of key", async () => {
    const witness = await newSigner("witness.example/w", COSIGNATURE);
    const text = "log.example\n1\nAAAA\n";
    const line = await cosign(text, 1_700_000_000, witness);
    const invalid = { ok: false, reason: "invalid" };
    expect(await checkCosignature(`${text}x\n`, line, witness.key)).toEqual(invalid);
    const later = { ...line, signature: line.signature.map((byte, at) => (at === 7 ? byte ^ 1 : byte)) };
    expect(await checkCosignature(text, later, witness.key)).toEqual(invalid);
    expect(await checkCosignature(text, { ...line, name: "other" }, witness.key)).toEqual(invalid);
    expect(await checkCosignature(text, { ...line, signature: line.signature.slice(8) }, witness.key)).toEqual(invalid);
    const far = { ...line, signature: line.signature.map((byte, at) => (at === 0 ? 0xff : byte)) };
    expect(await checkCosignature(text, far, witness.key)).toEqual(invalid);
    const note: Note = { text, signatures: [later] };
    expect(await cosignersOf(note, [witness.key])).toEqual(invalid);
    expect(await cosignersOf(note, [])).toEqual({ ok: true, value: [] });
  });

  it("come from the witnesses that are configured, one a line, or from none", async () => {
    const keys = await Promise.all(["w1", "w2"].map((name) => newSigner(name, COSIGNATURE)));
    const lines = keys.map(({ key }) => formatVerifierKey(key)).join("\n");
    expect((await witnessKeys(`${lines}\n`)).map(({ name }) => name)).toEqual(["w1", "w2"]);
    expect(await witnessKeys("none")).toEqual([]);
    await expect(witnessKeys("")).rejects.toThrow("malformed");
    await expect(witnessKeys(`${lines} x`)).rejects.toThrow("malformed");
  });
});

describe("what a witness is asked", () => {
  it("is the specification's request, byte for byte", () => {
    const request = value(parseAddCheckpoint(REQUEST));
    expect(request.oldSize).toBe(20_852_014);
    expect(request.proof).toHaveLength(4);
    expect(formatAddCheckpoint(request)).toBe(REQUEST);
  });

  it.each([
    REQUEST.replace("old 2", "old 02"),
    REQUEST.replace("old", "size"),
    REQUEST.replace("old 20852014\n", ""),
    REQUEST.replace("PlRN", "PlR"),
    REQUEST.replace("PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=", "AAAA"),
    `old 0\n${`${toBase64(new Uint8Array(32))}\n`.repeat(64)}\nnote`,
    "old 1\n",
    "",
  ])("is refused when it is not (%#)", (body) => {
    expect(parseAddCheckpoint(body)).toEqual({ ok: false, reason: "malformed" });
  });

  it("is answered in signature lines", () => {
    const lines = COSIGNED.split("\n").slice(5).join("\n");
    expect(value(parseSignatures(lines))).toHaveLength(1);
    expect(parseSignatures(lines.slice(0, -1))).toEqual({ ok: false, reason: "malformed" });
  });
});

describe("base64 and decimals", () => {
  it.each(["A", "AA", "AAA", "AA=", "AA==A", "AB==", "A A=", "AA-_", "===="])("%j is no base64", (text) => {
    expect(fromBase64(text)).toEqual({ ok: false, reason: "malformed" });
  });

  it.each(["", "00", "+1", " 1", "1 ", "0x1", "9007199254740992"])("%j is no decimal", (text) => {
    expect(fromDecimal(text)).toEqual({ ok: false, reason: "malformed" });
  });
});

function opened(note: string): Note {
  return value(parseNote(note));
}

async function keyOf(text: string): Promise<VerifierKey> {
  return value(await parseVerifierKey(text));
}

function value<T>(result: { ok: true; value: T } | { ok: false; reason: string }): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

function url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
