/** Who answers for the table of fiscal holds: their public key, and their detached JWS (RFC 7515, appendix F). */
export const FISCAL_SIGNER = {
  kty: "EC",
  crv: "P-256",
  x: "srPJkhlwzgSSNTdw_stpfnVljeRCJQySCwP4F4Tv1eg",
  y: "Rpv2k-5Z-xqgNxHw0LVaGPUqRskDGBwMVvsTIz0A3rs",
} as const;
export const FISCAL_SIGNATURE =
  "eyJhbGciOiJFUzI1NiJ9..pBetbKYyZnAX2xap5zy433yaqTnW_8EgZ3LabZCNZLz7SDPzwfUSvviQomGrTQqnoYYfvuKoc_Q7rv4Cw-kF9A";
