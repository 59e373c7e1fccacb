import { type FailureCode, failures } from '@holdfast/workflows/failure/failures';

/** A request that is answered with a failure of the catalogue; nothing has been written. */
export class Refusal extends Error {
  readonly code: FailureCode;
  /** Further members of the answer's body. */
  readonly facts: Readonly<Record<string, unknown>>;

  /** @param text the wire contract's `error` text where it fixes one; else the catalogue's sentence */
  constructor(
    code: FailureCode,
    text: string = failures[code].says,
    facts: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(text, options);
    this.name = 'Refusal';
    this.code = code;
    this.facts = facts;
  }
}
