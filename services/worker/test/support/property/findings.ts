/** What a rule tolerates, each with its reason; counted, so that nobody overlooks how often. */
export type Excuse =
  /** The attempt belonged to a worker that was killed. */
  | 'killedWorker'
  /** The run was terminated by hand, and its steps went on alone. */
  | 'terminatedRun'
  /** Temporal gave the attempt up while its worker was too busy to beat. */
  | 'slowAttempt'
  /** A box whose create came out after nobody found it: owed again. */
  | 'foundAgain'
  /** A restart whose serving operation was superseded, cancelled or lost. */
  | 'restartCutShort';

export class Findings {
  readonly violations: string[] = [];
  readonly excused: Partial<Record<Excuse, number>> = {};

  violates(rule: string, text: string): void {
    this.violations.push(`${rule}: ${text}`);
  }

  excuse(excuse: Excuse): void {
    this.excused[excuse] = (this.excused[excuse] ?? 0) + 1;
  }
}
