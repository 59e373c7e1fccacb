import type { OperationKind } from '@holdfast/workflows/operation/operation';
import type { OperationPort } from '@holdfast/workflows/operation/ports';
import { stepCalls, stepRegistry } from '@holdfast/workflows/operation/step-registry';
import type { Script } from './use-world.ts';

/** When something else may come in between: around every step in Postgres, and around what a backend does. */
export type Instant =
  | 'at once'
  | `${'before' | 'after'} ${keyof OperationPort}`
  | `${'before' | 'after'} ${'start' | 'stop'}`;

const boxInstants = ['before start', 'after start', 'before stop', 'after stop'] as const satisfies Instant[];
/** Nothing is owed where every host answers. */
const elsewhere: readonly string[] = ['oweBoxes'];

/** The instants that a verb may come by, from the registry of the steps. */
export const instantsOf = (kind: OperationKind): Instant[] => [
  'at once',
  ...boxInstants,
  ...stepCalls
    .filter((call) => stepRegistry[call].acts === 'rows' && !elsewhere.includes(call))
    .filter((call) => (stepRegistry[call].of as readonly OperationKind[]).includes(kind))
    .flatMap((call) => (['before', 'after'] as const).map((when) => `${when} ${call}` as Instant)),
];

/** Lets something happen to a workspace at an instant of what is done to it, once; and notes what overlaps meanwhile. */
export class VerbInstants {
  private readonly plans = new Map<string, { at: Instant; act: () => Promise<void> }>();
  private readonly busy = new Map<string, string>();
  private readonly onTrouble: (error: unknown) => void;
  readonly overlaps: string[] = [];

  constructor(onTrouble: (error: unknown) => void) {
    this.onTrouble = onTrouble;
  }

  /** Resolves when it has happened. */
  plan(workspaceId: string, at: Instant, act: () => Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      this.plans.set(workspaceId, { at, act: () => act().finally(resolve) });
    });
  }

  reach(workspaceId: string, at: Instant): void {
    const plan = this.plans.get(workspaceId);
    if (plan?.at !== at) return;
    this.plans.delete(workspaceId);
    plan.act().catch(this.onTrouble);
  }

  hooks(): Script {
    return {
      beforeRow: (name, { workspaceId }) => this.reach(workspaceId, `before ${name}`),
      afterRow: (name, { workspaceId }) => this.reach(workspaceId, `after ${name}`),
      beforeStart: ({ workspaceId }) => this.enter(workspaceId, 'start'),
      afterStart: ({ workspaceId }) => this.leave(workspaceId, 'start'),
      beforeStop: ({ workspaceId }) => this.enter(workspaceId, 'stop'),
      afterStop: ({ workspaceId }) => this.leave(workspaceId, 'stop'),
    };
  }

  private enter(workspaceId: string, step: 'start' | 'stop'): void {
    const other = this.busy.get(workspaceId);
    if (other) this.overlaps.push(`${step} during ${other} of ${workspaceId}`);
    this.busy.set(workspaceId, step);
    this.reach(workspaceId, `before ${step}`);
  }

  private leave(workspaceId: string, step: 'start' | 'stop'): void {
    this.reach(workspaceId, `after ${step}`);
    this.busy.delete(workspaceId);
  }
}
