import {
  ApplicationFailure,
  CancelledFailure,
  condition,
  makeContinueAsNewFunc,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { type OperationKind, workflowTypes } from '@holdfast/workflows/operation/operation';
import { searchAttributesOf } from '@holdfast/workflows/operation/search-attributes';

/** How an execution is to go. */
export interface Story {
  readonly orgId: string;
  readonly workspaceId: string;
  readonly kind: OperationKind;
  readonly provider: string;
  /** Left out, or `compensating`: it runs until it is terminated. */
  readonly outcome?: string;
  readonly next?: Story;
}

/** Every type there is: an execution that shows to operators what one of the product with this story shows. */
export default async function told(story: Story): Promise<void> {
  const { outcome, next } = story;
  if (outcome === undefined) return condition(() => false);
  upsertSearchAttributes({ Outcome: [outcome] });
  if (outcome === 'compensating') return condition(() => false);
  if (next) {
    return makeContinueAsNewFunc<(after: Story) => Promise<void>>({
      workflowType: workflowTypes[next.kind],
      typedSearchAttributes: searchAttributesOf(next),
    })(next);
  }
  if (outcome === 'failed') throw ApplicationFailure.create({ message: 'as told', nonRetryable: true });
  if (outcome === 'cancelled') throw new CancelledFailure('as told');
}
