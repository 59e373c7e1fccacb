import type { Session } from '../../command/session.ts';
import { Failure } from '../../failure/failure.ts';
import { count, printable } from '../../terminal/text.ts';
import { branchesOf, membersOf, type TreeNode } from '../forest.ts';
import { paintedStatus } from '../card.ts';
import type { Target } from './target.ts';
import type { VerbOptions } from './verb-call.ts';

/** More than this nobody reads before a question. */
const MOST_SHOWN = 30;

export interface Question {
  /** What is done to each of them: "Pause". */
  readonly verb: string;
  /** A program is asked only what cannot be taken back: it answers with --yes. */
  readonly who: 'people' | 'everybody';
  /** Only what is below the workspace is meant. */
  readonly rootStays?: true;
}

/**
 * Asks before a verb reaches what is below a workspace.
 * @throws Failure when the answer is no, or when a program did not say --yes
 */
export async function consent(
  session: Session & { readonly options: VerbOptions },
  { verb, who, rootStays }: Question,
  { tree }: Target,
): Promise<void> {
  const { options, terminal } = session;
  if (options.yes || options.dryRun || !tree || tree.children.length === 0) return;
  const nodes = rootStays ? tree.children : [tree];
  if (terminal.interactive) return askAbout(session, nodes, verb);
  if (who === 'people') return;
  const names = membersOf(nodes).map(({ name }) => printable(name));
  throw new Failure('conflict', `This is for ${count(names.length, 'workspace')}: ${names.join(', ')}.`, {
    code: 'CONFIRMATION_REQUIRED',
    next: 'repeat with --yes; --dry-run shows what it would do',
  });
}

/** Shows trees, and asks whether they are meant. */
export async function askAbout(session: Session, nodes: readonly TreeNode[], verb: string): Promise<void> {
  const { err } = session.terminal;
  const branches = branchesOf(nodes, err.isTerminal);
  for (const { lead, workspace } of branches.slice(0, MOST_SHOWN))
    err.write(`  ${lead}${printable(workspace.name)}  ${paintedStatus(workspace.status, err.paint)}\n`);
  if (branches.length > MOST_SHOWN) err.write(`  … and ${branches.length - MOST_SHOWN} more\n`);
  if (!(await session.world.prompt.confirm(`${verb} ${count(branches.length, 'workspace')}?`))) throw declined();
}

export const declined = (): Failure => new Failure('conflict', 'Nothing was changed.', { code: 'CLI_DECLINED' });
