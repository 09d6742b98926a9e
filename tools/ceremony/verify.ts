import { CUSTODIANS, type Custodian } from "../../protocol/pay/key-shares.ts";
import { sameNameForm } from "./officer-key.ts";
import { FORMAT, hashOf, signedByItsKey, type Part, type Statement, type Transcript } from "./transcript.ts";

const COMMON = ["step", "cell", "version", "rehearsal", "custodian", "officer", "at", "role_key", "previous"];
const OWN: Readonly<Record<Statement["step"], readonly string[]>> = {
  share: ["share_check"],
  joined: ["share_a_check", "share_b_check", "joined_check"],
};
const CHECKS: Readonly<Record<string, RegExp>> = {
  share_check: /^[0-9a-f]{16}$/,
  share_a_check: /^[0-9a-f]{16}$/,
  share_b_check: /^[0-9a-f]{16}$/,
  joined_check: /^[0-9a-f]{8}$/,
};

/**
 * Everything that is wrong with a transcript, a sentence each; none: two different people made a share each, and
 * whatever was joined is what both saw. A transcript may stop after any part; `complete` says whether it does.
 */
export async function verifyTranscript(transcript: Transcript): Promise<string[]> {
  if (transcript.format !== FORMAT) return ["It is of another format"];
  const problems: string[] = [];
  for (const [i, part] of transcript.parts.entries()) {
    const form = formProblem(part);
    if (form !== undefined) return [`Part ${i + 1} ${form}`];
    if (!(await signedByItsKey(part))) problems.push(`Part ${i + 1} is not signed by the key that it names`);
    const before = transcript.parts[i - 1];
    if (part.statement.previous !== (before === undefined ? null : hashOf(before)))
      problems.push(`Part ${i + 1} does not follow the part before it`);
    if (before !== undefined && part.statement.at < before.statement.at)
      problems.push(`Part ${i + 1} is older than the part before it`);
  }
  return [...problems, ...togetherProblems(transcript.parts.map((each) => each.statement))];
}

/** Both shares were made and both officers saw the same joined key. */
export function isComplete({ parts }: Transcript): boolean {
  return parts.length === 4;
}

function togetherProblems(statements: readonly Statement[]): string[] {
  const problems: string[] = [];
  const [first] = statements;
  if (statements.some((each) => each.cell !== first?.cell || each.version !== first.version))
    problems.push("Its parts are of different keys");
  if (statements.some((each) => each.rehearsal !== first?.rehearsal))
    problems.push("It mixes a rehearsal with a real ceremony");
  const steps = statements.map((each) => each.step);
  if (steps.lastIndexOf("share") > steps.indexOf("joined") && steps.includes("joined"))
    problems.push("A share was made after the key was joined");
  if (steps.includes("joined") && steps.filter((each) => each === "share").length < 2)
    problems.push("It says joined without both shares");
  for (const custodian of CUSTODIANS) problems.push(...rolesProblems(statements, custodian));
  const [a, b] = CUSTODIANS.map((custodian) => statements.find((each) => each.custodian === custodian));
  if (a !== undefined && b !== undefined) problems.push(...onePerson(a, b));
  return [...problems, ...joinedProblems(statements)];
}

/** One person in both roles: by name, or by role key. */
export function onePerson(
  a: Pick<Statement, "officer" | "role_key">,
  b: Pick<Statement, "officer" | "role_key">,
): string[] {
  const problems: string[] = [];
  if (sameNameForm(a.officer) === sameNameForm(b.officer)) problems.push(`${a.officer} holds both roles`);
  if (a.role_key.x === b.role_key.x && a.role_key.y === b.role_key.y) problems.push("Both roles sign with one key");
  return problems;
}

function rolesProblems(statements: readonly Statement[], custodian: Custodian): string[] {
  const mine = statements.filter((each) => each.custodian === custodian);
  const problems: string[] = [];
  for (const step of ["share", "joined"] as const)
    if (mine.filter((each) => each.step === step).length > 1) problems.push(`Custodian ${custodian} ${step} twice`);
  const [first] = mine;
  if (mine.some((each) => each.officer !== first?.officer || hashOf(each.role_key) !== hashOf(first.role_key)))
    problems.push(`Custodian ${custodian} is not one person throughout`);
  return problems;
}

function joinedProblems(statements: readonly Statement[]): string[] {
  const shareOf = (custodian: Custodian) =>
    statements.find((each) => each.step === "share" && each.custodian === custodian);
  const [a, b] = [shareOf("A"), shareOf("B")];
  const joined = statements.filter((each) => each.step === "joined");
  const problems: string[] = [];
  for (const each of joined) {
    const fits =
      a?.step === "share" &&
      b?.step === "share" &&
      each.share_a_check === a.share_check &&
      each.share_b_check === b.share_check;
    if (!fits) problems.push("The joined key is not of the shares that were made");
  }
  if (new Set(joined.map((each) => each.joined_check)).size > 1) problems.push("The two saw different joined keys");
  return problems;
}

/** Every member is known and in its form, so that nothing else, a share least of all, hides in a transcript. */
function formProblem(part: Part): string | undefined {
  const given: unknown = part.statement;
  if (typeof given !== "object" || given === null || typeof part.signature !== "string") return "is no part";
  const statement = given as Readonly<Record<string, unknown>>;
  if (Object.keys(part).length !== 2) return "has members that it may not have";
  const step = statement["step"];
  if (step !== "share" && step !== "joined") return "is of an unknown step";
  const members = [...COMMON, ...OWN[step]];
  const unknown = Object.keys(statement).filter((name) => !members.includes(name));
  if (unknown.length > 0 || !members.every((name) => Object.hasOwn(statement, name)))
    return "has members that it may not have, or lacks some";
  const texts = ["cell", "officer", "at", ...OWN[step]];
  if (!texts.every((name) => typeof statement[name] === "string")) return "has a member of another form";
  if (!OWN[step].every((name) => CHECKS[name]?.test(String(statement[name]))))
    return "has a check value of another form";
  if (statement["custodian"] !== "A" && statement["custodian"] !== "B") return "is of an unknown role";
  if (!Number.isSafeInteger(statement["version"]) || typeof statement["rehearsal"] !== "boolean")
    return "has a member of another form";
  if (Number.isNaN(Date.parse(String(statement["at"])))) return "has no time";
  const key = statement["role_key"];
  if (typeof key !== "object" || key === null || Object.keys(key).toSorted().join() !== "crv,kty,x,y")
    return "names a key of another form";
  return undefined;
}
