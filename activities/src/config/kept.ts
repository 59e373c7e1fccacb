/** How long the answer to an Idempotency-Key is remembered, in hours; a key that is used again later is a new one. */
export const KEYS_KEPT_HOURS = 24;
