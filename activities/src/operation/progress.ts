import { CancelledFailure } from '@temporalio/common';
import type { Database } from '@holdfast/prisma';
import type { BoxOrder, BoxPort } from '@holdfast/workflows/box/ports';
import { knownFailure, withReason } from '@holdfast/workflows/failure/codes';
import { stepRegistry } from '@holdfast/workflows/operation/step-registry';
import { concealing, type OnFailure } from '../failure/concealing.ts';
import { recordStep, type StepState } from './steps.ts';

/**
 * The steps that touch boxes, each leaving its lines in the operation's progress: begun before it acts, then done or failed.
 * @param onFailure told why a line could not be written; a fixed sentence goes on to Temporal
 */
export function withProgress(db: Database, boxes: BoxPort, onFailure?: OnFailure): BoxPort {
  const told = <O extends BoxOrder, R>(
    name: keyof BoxPort,
    act: (order: O) => Promise<R>,
    result: (r: R) => string | undefined,
  ) =>
    concealing(
      name,
      async (order: O): Promise<R> => {
        const line = (state: StepState, detail?: string): Promise<void> =>
          recordStep(db, {
            operationId: order.operationId,
            cycle: order.cycle,
            step: stepRegistry[name].step,
            state,
            ...(detail ? { detail } : {}),
          });
        await line('begun', `on ${order.host}`);
        try {
          const outcome = await act(order);
          await line('done', result(outcome));
          return outcome;
        } catch (error) {
          const { text, facts } = knownFailure(error, 'START_FAILED');
          await line('failed', error instanceof CancelledFailure ? 'cancelled' : withReason(text, facts));
          throw error;
        }
      },
      onFailure,
    );
  const nothing = (): undefined => undefined;
  return {
    prepareBox: told('prepareBox', (order) => boxes.prepareBox(order), nothing),
    startBox: told('startBox', (order) => boxes.startBox(order), nothing),
    settleBoxes: told(
      'settleBoxes',
      (order) => boxes.settleBoxes(order),
      ({ gone, owed }) => (owed.length === 0 ? `${gone} stopped` : `${gone} stopped, owed: ${owed.join('; ')}`),
    ),
    removeVolumes: told('removeVolumes', (order) => boxes.removeVolumes(order), nothing),
  };
}
