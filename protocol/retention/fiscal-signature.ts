/** Who answers for the table of fiscal holds: their public key, and their detached JWS (RFC 7515, appendix F). */
export const FISCAL_SIGNER = {
  kty: "EC",
  crv: "P-256",
  x: "nIbD-9waqqM07HTGRyelbwq4je1YMppmQfMQpqRYgmQ",
  y: "6it5eRqf_uNC6lXREB61K-oXjLr71Wl0dfCVEVZ9u5Y",
} as const;
export const FISCAL_SIGNATURE =
  "eyJhbGciOiJFUzI1NiJ9..yWgvKSN5r-2rQDiFccVK-Rx-QD89v1Ap0hIl2xc3cNDnL1LrshYyg799YjP2J5TFbTrPGJkXn1irp3pVqzpuIw";
