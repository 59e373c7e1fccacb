import { settle } from '../box/settle.ts';
import { knownFailure, withReason } from '../failure/codes.ts';
import { rows } from '../operation/calls.ts';
import type { OperationInput } from '../operation/operation.ts';
import type { Ending } from '../operation/ports.ts';
import { type Run, Superseded } from '../operation/run.ts';
import { type OperationResult, runOperation } from '../operation/run-operation.ts';
import { bringUp } from './bring-up.ts';

/**
 * Moves a workspace to another cloud: its box is stopped where it is, the new cloud is written, and a box is brought up
 * there. What fails after the old box has gone is compensated: the workspace comes back where it was.
 */
export function switchProvider(input: OperationInput): Promise<OperationResult> {
  let isMoved = false;
  return runOperation(input, {
    carryOut: (run) =>
      bringUp(run, async () => {
        const { to } = await run.own(() => rows.moveProvider(run.me));
        isMoved = true;
        run.isOn(to);
        run.tell(`the workspace is on ${to}`);
      }),
    undo: (run, ending) => goBack(run, ending, isMoved),
    unexpected: 'PROVISION_FAILED',
  });
}

async function goBack(run: Run, cause: Ending, isMoved: boolean): Promise<Ending | void> {
  const why = withReason(cause.failureText ?? cause.state, cause.failureFacts);
  run.tell(`going back: ${why}`);
  if (isMoved) {
    await settle(run, { ownOnly: true });
    const { to } = await run.own(() => rows.moveProviderBack(run.me));
    run.isOn(to);
    run.tell(`the workspace is on ${to} again`);
  }
  const { restored } = await run.own(() => rows.restoreBeforeSwitch({ ...run.me, moved: isMoved }));
  if (restored) return isMoved ? compensated(cause) : undefined;
  try {
    const outcome = await bringUp(run);
    return outcome?.state === 'coalesced' ? outcome : compensated(cause);
  } catch (error) {
    if (error instanceof Superseded) throw error;
    await settle(run, { ownOnly: true });
    const { text, facts } = knownFailure(error, 'PROVISION_FAILED');
    return {
      ...cause,
      state: 'failed',
      failureText: `${why}; and the way back failed: ${withReason(text, facts)}`,
      failureFacts: { ...cause.failureFacts, reason: undefined },
    };
  }
}

/** It failed, and is mended: the cause stays on the operation. */
const compensated = (cause: Ending): Ending => ({ ...cause, state: 'compensated' });
