import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { isCancellation, log, makeContinueAsNewFunc, upsertSearchAttributes } from '@temporalio/workflow';
import { knownFailure, withReason } from '../failure/codes.ts';
import type { FailureCode } from '../failure/failures.ts';
import { rows } from './calls.ts';
import { type OperationInput, workflowTypes } from './operation.ts';
import type { Ending, Finished } from './ports.ts';
import { Run, Superseded, unbroken } from './run.ts';
import { outcome, searchAttributesOf } from './search-attributes.ts';

export interface OperationResult {
  readonly state: string;
}

export interface OperationStory {
  /** The steps; what it returns overrides "succeeded". */
  carryOut(run: Run): Promise<Ending | void>;
  /**
   * Undoes what a failed or cancelled attempt may have left; what it returns overrides how the attempt ended. Never runs
   * once superseded: the successor settles.
   */
  undo?(run: Run, ending: Ending): Promise<Ending | void>;
  /** What an error outside the catalogue is called. */
  unexpected: FailureCode;
  /** Once begun, an operator's cancellation is not heard. */
  uncancellable?: true;
}

/**
 * Wraps a verb's story into an execution: begin, the steps, undo, finish and the hand-over to what is next.
 * Whatever happens it ends through `finishOperation`, and its result is what the rows say.
 */
export async function runOperation(input: OperationInput, story: OperationStory): Promise<OperationResult> {
  const run = new Run(input);
  const ending = await attempt(run, story);
  return unbroken(() => finish(run, ending));
}

/** How the attempt ended; undefined when the workspace is not, or no longer, this run's. */
async function attempt(run: Run, story: OperationStory): Promise<Ending | undefined> {
  const settings = await unbroken(() => rows.beginOperation(run.me));
  if (!settings) return undefined;
  run.settings = settings;
  let ending: Ending;
  try {
    const carryOut = (): Promise<Ending | void> => story.carryOut(run);
    ending = (await (story.uncancellable ? unbroken(carryOut) : carryOut())) ?? { state: 'succeeded' };
  } catch (error) {
    if (error instanceof Superseded) return undefined;
    ending = endingOf(error, story.unexpected);
  }
  const failed = ending;
  if (failed.state === 'failed' || failed.state === 'cancelled') {
    try {
      ending = (await unbroken(async () => undo(run, story, failed))) ?? failed;
    } catch (error) {
      if (error instanceof Superseded) return undefined;
      throw error;
    }
  }
  return ending;
}

async function undo(run: Run, story: OperationStory, failed: Ending): Promise<Ending | void> {
  if (!story.undo) return undefined;
  upsertSearchAttributes([{ key: outcome, value: 'compensating' }]);
  return story.undo(run, failed);
}

function endingOf(error: unknown, unexpected: FailureCode): Ending {
  if (isCancellation(error)) return { state: 'cancelled', failureCode: 'CANCELLED', failureText: 'cancelled' };
  const { code, text, facts } = knownFailure(error, unexpected);
  log.warn('operation failed', { code, error });
  return { state: 'failed', failureCode: code, failureText: text, failureFacts: facts };
}

async function finish(run: Run, ending: Ending | undefined): Promise<OperationResult> {
  let finished: Finished;
  do {
    finished = await rows.finishOperation({ ...run.me, kind: run.input.kind, ...(ending ? { ending } : {}) });
  } while (!finished.next && run.pokes.take());
  // From here to the end nothing is awaited: a poke now makes the server run this task again, and is not lost.
  const why = ending?.failureText && withReason(ending.failureText, ending.failureFacts);
  run.tell(`ended: ${finished.state}${why ? ` — ${why}` : ''}`);
  upsertSearchAttributes([{ key: outcome, value: finished.state }]);
  if (!finished.next) return close(finished);
  // The id stays taken. The complete set of attributes is passed, because passing any replaces all.
  return makeContinueAsNewFunc<Verb>({
    workflowType: workflowTypes[finished.next.kind],
    typedSearchAttributes: searchAttributesOf(finished.next),
  })(finished.next);
}

/** A failed operation is a failed execution, and a cancelled one a cancelled one: operators filter by that. */
function close({ state, failure }: Finished): OperationResult {
  if (state === 'cancelled') throw new CancelledFailure('cancelled by an operator');
  if (failure) throw ApplicationFailure.create({ message: failure.text, type: failure.code, nonRetryable: true });
  return { state };
}

type Verb = (input: OperationInput) => Promise<OperationResult>;
