/** A secret or setting is missing or unusable; the message names it and says nothing of its value. */
export class NotConfigured extends Error {
  override readonly name = "NotConfigured";
}
