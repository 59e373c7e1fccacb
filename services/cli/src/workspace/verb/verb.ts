import { dryRunQuery, type Plan, toldPlan } from '../../plan/plan.ts';
import { LiveLine } from '../../terminal/live-line.ts';
import { printable } from '../../terminal/text.ts';
import { paintedStatus } from '../card.ts';
import { consent, type Question } from './consent.ts';
import { aim, type Target } from './target.ts';
import type { Told, VerbCall } from './verb-call.ts';
import { tellRest, waitFor, type Waited } from './waiting.ts';

/** What every request of a verb carries. */
export interface Given {
  readonly path: { readonly id: string };
  readonly query: { readonly dry_run?: 'true' };
  readonly idempotencyKey?: string;
}

export interface Verb<A extends object> {
  /** What it is called, and what a person watches until the gateway answers. */
  readonly name: string;
  readonly doing: string;
  /** Whether it reaches what is below the workspace. */
  readonly reach: 'one' | 'tree';
  /** What is asked before it does so. */
  readonly question?: Question;
  send(given: Given): Promise<A | Plan>;
  /** Asks about a refusal; when it returns, the request is sent once more. */
  agree?(refusal: unknown, target: Target): Promise<void>;
  tell(answer: A): Told;
  /** What a person is told of an operation that has not ended. */
  readonly goesOn?: string;
  /** The command to go on with. */
  readonly next?: (target: Target) => string;
  /** Ends with an agent online. */
  readonly bringsUp?: true;
}

/** Carries a verb out: asks, sends, tells the answer, waits when told to, and says how to go on. */
export async function carryOut<A extends object>(call: VerbCall, verb: Verb<A>): Promise<void> {
  const { options, output, terminal } = call;
  const target = await aim(call, verb.reach);
  if (verb.question) await consent(call, verb.question, target);
  const answer = await agreed(call, verb, target);
  if (toldPlan(output, answer, options, verb.name)) return;
  const told = verb.tell(answer);
  const result = (waited?: Waited): void => tellAnswer(call, target, answer, told, waited);
  // Programs get one document at the end, whatever comes of the wait.
  if (output.mode !== 'json') result();
  let waited: Waited | undefined;
  try {
    if (options.wait) waited = await waitFor(call, verb.bringsUp ?? false, target, told);
  } finally {
    if (output.mode === 'json') result(waited);
  }
  if (waited?.failure) throw waited.failure;
  if (output.mode !== 'people') return;
  if (waited?.line !== undefined) terminal.out.write(`${waited.line}\n`);
  if (!options.wait) await tellRest(call, told, verb.goesOn ?? 'It goes on');
  const next = verb.next?.(target);
  if (next !== undefined) output.note(next);
}

function tellAnswer(call: VerbCall, { id }: Target, answer: object, told: Told, waited: Waited | undefined): void {
  const [reference] = call.args;
  call.output.result({
    json: () => ({ id, ...answer, ...waited?.document }),
    quiet: () => [id],
    people: (paint) => [
      [
        paintedStatus(told.status, paint),
        printable(reference),
        reference === id ? undefined : id,
        ...(told.facts ?? []),
      ]
        .filter((part) => part !== undefined && part !== '')
        .join('  '),
    ],
  });
}

async function agreed<A extends object>(call: VerbCall, verb: Verb<A>, target: Target): Promise<A | Plan> {
  try {
    return await sent(call, verb, target.id);
  } catch (refusal) {
    if (!verb.agree) throw refusal;
    await verb.agree(refusal, target);
    return sent(call, verb, target.id);
  }
}

async function sent<A extends object>(call: VerbCall, verb: Verb<A>, id: string): Promise<A | Plan> {
  const { options, output, terminal } = call;
  const key = options.idempotencyKey;
  const live = new LiveLine(terminal.err);
  // Some verbs answer when the box is stopped, unless that takes long.
  if (output.mode === 'people' && !options.dryRun) live.show(verb.doing);
  try {
    const query = dryRunQuery(options.dryRun);
    return await verb.send({ path: { id }, query, ...(key === undefined ? {} : { idempotencyKey: key }) });
  } finally {
    live.stop();
  }
}
