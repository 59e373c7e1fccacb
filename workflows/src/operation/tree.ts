import { ApplicationFailure } from '@temporalio/common';
import {
  condition,
  log,
  makeContinueAsNewFunc,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { Pokes } from './pokes.ts';
import type { TreePort, TreeSituation } from './ports.ts';
import { outcome } from './search-attributes.ts';
import { treeAttributesOf, type TreeInput, type TreeType } from './tree-input.ts';

export interface TreeResult {
  /** How many members ended in which state. */
  readonly members: Readonly<Record<string, number>>;
}

/** So many members may be poked and not begun: workers that are busy are not given more to begin than they can. */
const MOST_UNBEGUN = 10;
/** How long until the next look, in milliseconds: short while members begin, longer and longer while nothing happens. */
const BEGINNING_PAUSE_MS = 100;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

const { lookAtTree } = proxyLocalActivities<TreePort>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** Tried a few times and no more: the dispatcher pokes every member as well. */
const { pokeMembers } = proxyActivities<TreePort>({
  startToCloseTimeout: '1m',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumAttempts: 3 },
  summary: 'poke members',
});

/**
 * Watches over what was asked for a workspace and those below it: pokes the members, tells operators how far they are,
 * and ends with the last of them. Every member is carried out by an execution of its own; without this one they are
 * slower to begin, and nothing else.
 */
async function watch(input: TreeInput): Promise<TreeResult> {
  const pokes = new Pokes();
  const poked = new Set<string>();
  let requests = input.requests;
  let pauseMs = FIRST_PAUSE_MS;
  let shape = '';
  for (;;) {
    const now = await lookAtTree({ rootId: input.rootId, requests });
    requests = now.requests;
    tell(input, now);
    if (now.latest && now.latest.type !== input.type) return handOver(input, now.latest);
    // From here to the end nothing is awaited: a poke now makes the server run this task again, and is not lost.
    if (now.open === 0 && !pokes.waiting) return end(now);
    if (workflowInfo().continueAsNewSuggested) return follow({ ...input, requests });
    const unpoked = now.waiting.filter(({ operationId }) => !poked.has(operationId));
    const fresh = unpoked.slice(0, Math.max(0, MOST_UNBEGUN - (now.waiting.length - unpoked.length)));
    for (const { operationId } of fresh) poked.add(operationId);
    if (fresh.length > 0) await poke(fresh.map(({ workspaceId }) => workspaceId));
    const isStill = shape === (shape = JSON.stringify(now.members));
    // As long as some have not been poked it stays near: what they wait for is this look.
    if (unpoked.length > 0) pauseMs = BEGINNING_PAUSE_MS;
    else pauseMs = isStill ? Math.min(pauseMs * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    await condition(() => pokes.waiting, pauseMs, { summary: 'until the next look' });
    pokes.take();
  }
}

async function poke(workspaceIds: readonly string[]): Promise<void> {
  try {
    await pokeMembers({ workspaceIds });
  } catch (error) {
    log.warn('members of a tree were not poked; the dispatcher does it', { error });
  }
}

function tell({ rootId, type }: TreeInput, { members, failed }: TreeSituation): void {
  const counts = Object.entries(members).map(([state, count]) => `- ${count} ${state}`);
  const names = failed.map(({ name, text }) => `- failed: **${name}** ${text}`);
  setCurrentDetails(`**${type}** of workspace \`${rootId}\`\n\n${[...counts, ...names].join('\n')}`);
}

/** A tree with a member that failed is a failed execution: operators filter by that. */
function end({ members, failed }: TreeSituation): TreeResult {
  upsertSearchAttributes([{ key: outcome, value: failed.length > 0 ? 'failed' : 'succeeded' }]);
  const [first] = failed;
  if (!first) return { members };
  const message = `${members['failed'] ?? failed.length} failed: ${failed.map(({ name }) => name).join(', ')}`;
  throw ApplicationFailure.create({ message, type: first.code, nonRetryable: true });
}

/** Operators find the execution under the verb that was asked for last; it looks after what is left of the others too. */
function handOver(input: TreeInput, { request, type }: NonNullable<TreeSituation['latest']>): Promise<never> {
  upsertSearchAttributes([{ key: outcome, value: 'superseded' }]);
  return follow({ ...input, type, requests: [request] });
}

/** The id stays taken: whoever pokes meanwhile reaches the successor. */
function follow(input: TreeInput): Promise<never> {
  return makeContinueAsNewFunc<(next: TreeInput) => Promise<TreeResult>>({
    workflowType: input.type satisfies TreeType,
    typedSearchAttributes: treeAttributesOf(input),
  })(input);
}

/** Pauses of a workspace and those below it. */
export const pauseTree = (input: TreeInput): Promise<TreeResult> => watch(input);

/** Resumes of a workspace and those below it. */
export const resumeTree = (input: TreeInput): Promise<TreeResult> => watch(input);

/** Deletes of a workspace and those below it. */
export const deleteTree = (input: TreeInput): Promise<TreeResult> => watch(input);

/** Deletes of those below a workspace. */
export const collapseTree = (input: TreeInput): Promise<TreeResult> => watch(input);
