import type { BoxOrder } from '@holdfast/workflows/box/ports';
import type { BoxContext } from './box-context.ts';
import { checkPlan, planBox } from './plan-box.ts';
import type { Pulse } from './pulse.ts';
import { stepFailure } from './step-failure.ts';

/** Finds out, before anything is stopped, whether the next box of a workspace can have all it needs. */
export async function prepareBox(
  context: BoxContext,
  order: BoxOrder & { backend: string },
  { signal }: Pulse,
): Promise<void> {
  try {
    const backend = context.dispatcher.backendOf(order.backend);
    const plan = await planBox(context, order);
    await checkPlan(context, plan, backend);
    const { provider, compute, tier } = plan.row;
    await backend.check?.({ provider, compute: compute ?? {} }, tier);
  } catch (error) {
    throw stepFailure(error, {
      log: context.log,
      signal,
      facts: { workspaceId: order.workspaceId, step: 'prepare' },
      secrets: [],
      // The wire contract has a text of its own for what a cloud says.
      unexpected: order.backend === 'control-plane' ? 'PROVISION_FAILED' : 'START_FAILED',
    });
  }
}
