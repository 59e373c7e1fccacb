/** What a runtime declares about itself. Members nobody knows are kept. */
export interface RuntimeDeclaration {
  readonly capabilities?: Readonly<Record<string, boolean>>;
  /** Seconds of silence a dispatch may have; absent or not positive is the platform's default. */
  readonly idle_timeout_seconds?: number;
}

/** A declaration that is not refreshed for this long no longer holds, in milliseconds. */
export const DECLARATION_MS = 90_000;

export interface StoredDeclaration {
  readonly value: RuntimeDeclaration | null;
  readonly at: Date | null;
}

/**
 * What holds after a beat. No block keeps what was declared: tools send partial beats. An empty block clears it. Its
 * two halves are independent: naming one leaves the other as it was, and replaces its own wholesale.
 */
export function declarationAfter(
  stored: StoredDeclaration,
  block: RuntimeDeclaration | null,
  now: Date,
): { value: RuntimeDeclaration | null; changed: boolean } {
  const holds = stored.value !== null && stored.at !== null && now.getTime() - stored.at.getTime() <= DECLARATION_MS;
  if (block === null) return { value: holds ? stored.value : null, changed: stored.value !== null && !holds };
  if (Object.keys(block).length === 0) return { value: null, changed: stored.value !== null };
  return { value: { ...(holds ? stored.value : {}), ...block }, changed: true };
}

export const declares = (declaration: RuntimeDeclaration | null, capability: string): boolean =>
  declaration?.capabilities?.[capability] === true;
