import type { Exit } from '../exit/exit-codes.ts';

/** What a failure is about, besides its sentence. */
export interface FailureDetail {
  /** What the reader should do now; printed after "try: ". */
  readonly next?: string | undefined;
  /** Stable code for machines. */
  readonly code?: string;
  /** The body of the gateway's answer, which `--json` prints unchanged. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A failure whose one sentence tells a person what is wrong; it is shown without a stack. */
export class Failure extends Error {
  override name = 'Failure';
  readonly exit: Exit;
  readonly detail: FailureDetail;

  constructor(exit: Exit, sentence: string, detail: FailureDetail = {}) {
    super(sentence);
    this.exit = exit;
    this.detail = detail;
  }

  /** The shape of the gateway's failures, also for those that never reached it. */
  get body(): Readonly<Record<string, unknown>> {
    const { body, code, next } = this.detail;
    return (
      body ?? {
        error: this.message,
        code: code ?? `CLI_${this.exit.toUpperCase()}`,
        ...(next ? { next_step: next } : {}),
      }
    );
  }
}

/** The command line itself is wrong. */
export const usage = (sentence: string, next?: string): Failure => new Failure('usage', sentence, { next });
