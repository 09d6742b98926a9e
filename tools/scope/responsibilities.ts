export const PARTIES = ["platform", "retailer", "Cloudflare", "terminal and reader vendors", "processor"] as const;

/** Who does what, by subject: R does it, S has a share in it, - has none. In the order of PARTIES. */
export const RESPONSIBILITIES: readonly (readonly [subject: string, requirements: string, ...marks: string[]])[] = [
  ["Network controls between rooms and accounts", "1", "R", "-", "S", "-", "-"],
  ["Network of the store, terminals on it", "1", "-", "R", "-", "S", "-"],
  ["Configuration of Workers, databases, buckets", "2", "R", "-", "S", "-", "-"],
  ["Hosts, hypervisors, runtime (workerd) in the cloud", "1, 2, 5, 6", "-", "-", "R", "-", "-"],
  ["Stored card numbers, their keys and their purge", "3", "R", "S", "-", "-", "-"],
  ["Key custodians named and bound in writing", "3.7.8", "S", "R", "-", "-", "-"],
  ["Card numbers in terminals and readers", "3, 4, 9.5", "-", "S", "-", "R", "-"],
  ["TLS to the public origins", "4", "S", "-", "R", "-", "-"],
  ["Secure development, reviews, dependencies", "6", "R", "-", "-", "-", "-"],
  ["The card form's scripts and headers", "6.4.3, 11.6.1", "R", "-", "-", "-", "-"],
  ["Pages that embed the card form", "6.4.3, 11.6.1", "-", "R", "-", "-", "-"],
  ["Access of the platform's own staff to both accounts, with MFA", "7, 8", "S", "R", "S", "-", "-"],
  ["Data centres", "9", "-", "-", "R", "-", "-"],
  ["Terminals and readers against tampering", "9.5.1", "-", "R", "-", "S", "-"],
  ["Log of card accesses: made, protected, kept", "10.2-10.5", "R", "-", "S", "-", "-"],
  ["Log of card accesses: looked at daily, alarms answered", "10.4, 10.7", "S", "R", "-", "-", "-"],
  ["External and internal scans, penetration tests", "11.3, 11.4", "S", "R", "S", "-", "-"],
  ["Proof of segmentation", "11.4.5", "R", "S", "-", "-", "-"],
  ["Authorization, clearing, settlement, chargebacks", "12.8", "-", "S", "-", "-", "R"],
  ["Policies, training, incident response, third parties", "12", "S", "R", "-", "-", "-"],
];
