/** A rule of a bucket lock as wrangler lists it: `Yes` or `No`, `tile/` or `(all prefixes)`, `after 397 days`. */
export interface LockRule {
  readonly name: string;
  readonly enabled: string;
  readonly prefix: string;
  readonly condition: string;
}

/** What a lock step asks for. */
export interface WantedRule {
  readonly rule: string;
  readonly prefix: string;
  readonly days: number;
}

/**
 * The rules in what `wrangler r2 bucket lock list` prints: a block of `label: value` lines each, with blank lines between.
 * @throws Error when a block lacks a line, or when there is neither a block nor the sentence that there are no rules:
 *   what can't be read is not taken for good
 */
export function readLockRules(listing: string): readonly LockRule[] {
  const blocks = listing.split(/\n\s*\n/).map(labelled);
  const rules = blocks.filter((block) => block.has("name")).map(ruleOf);
  if (rules.length === 0 && !/^There are no lock rules for bucket /m.test(listing))
    throw new Error("wrangler r2 bucket lock list printed neither rules nor that there are none");
  return rules;
}

/**
 * Whether a bucket has the rule, exactly as it is wanted.
 * @throws Error that shows both when there is one of that name with other content: a lock that is off, shorter or on
 *   another prefix protects less than its name says
 */
export function hasRule(rules: readonly LockRule[], bucket: string, wanted: WantedRule): boolean {
  const named = rules.filter(({ name }) => name === wanted.rule);
  const should = shown({
    enabled: "Yes",
    prefix: wanted.prefix,
    condition: `after ${wanted.days} ${wanted.days === 1 ? "day" : "days"}`,
  });
  const other = named.map(shown).find((each) => each !== should);
  if (other !== undefined)
    throw new Error(
      `${bucket} has a lock rule ${wanted.rule} with other content: there ${other}; wanted ${should}. Correct it by hand, then go on`,
    );
  return named.length > 0;
}

function labelled(block: string): ReadonlyMap<string, string> {
  const lines = block.split("\n").map((line) => /^(name|enabled|prefix|condition):\s*(.*?)\s*$/.exec(line));
  return new Map(lines.filter((line) => line !== null).map((line) => [line[1] ?? "", line[2] ?? ""]));
}

function ruleOf(block: ReadonlyMap<string, string>): LockRule {
  const field = (label: string): string => {
    const value = block.get(label);
    if (value === undefined || value === "")
      throw new Error(`wrangler r2 bucket lock list printed a rule without ${label}`);
    return value;
  };
  return { name: field("name"), enabled: field("enabled"), prefix: field("prefix"), condition: field("condition") };
}

const shown = ({ enabled, prefix, condition }: Omit<LockRule, "name">): string =>
  `(enabled: ${enabled}, prefix: ${prefix}, condition: ${condition})`;
