import { type FailureCode, failures } from './failures.ts';

/** A failure with a code. Its message is for callers: it never holds a secret, nor what a cloud said word by word. */
export class Refusal extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string = failures[code].says, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Refusal';
    this.code = code;
  }

  get retryable(): boolean {
    return failures[this.code].retryable;
  }
}

export const refusalCode = (error: unknown): FailureCode | undefined =>
  error instanceof Refusal ? error.code : undefined;
