import type { Announcements } from './announcements.ts';
import type { Endings } from './endings.ts';
import { type Client, each, now, type Request } from './load.ts';
import { processorTimes, sumOf } from './processor-times.ts';
import type { Stage } from './stage.ts';
import type { Lives, Verb } from './verbs.ts';
import { createWorkspace } from './workspaces.ts';

const CALLERS = 20;

export interface WorkspaceLivesOptions {
  readonly stage: Stage;
  readonly client: Client;
  readonly endings: Endings;
  readonly announcements: Announcements;
  /** Told how long it took until the request was decided for good. */
  readonly onAccepted?: (verb: Verb, afterMs: number) => void;
}

interface Accepted {
  readonly operation_id?: string;
  readonly operation_ids?: readonly string[];
}

/** Workspaces of the platform. A verb has ended when its operation has. */
export class WorkspaceLives implements Lives {
  private readonly options: WorkspaceLivesOptions;
  private readonly ids: string[] = [];
  private children: string[] = [];

  constructor(options: WorkspaceLivesOptions) {
    this.options = options;
  }

  async prepare(verb: Verb, size: number): Promise<void> {
    const { client, endings } = this.options;
    if (verb === 'collapse') {
      await each(CALLERS, size, async (turn) => {
        const child = await createWorkspace(client, 'a child', this.ids[turn]);
        this.children.push(child.id);
        await endings.succeeded(child.operation_id);
      });
    }
    if (verb === 'delete') {
      // What a collapse has removed goes for good, so that the delete is one of a single workspace.
      const gone = this.children.splice(0);
      await each(CALLERS, gone.length, async (turn) => void (await client.expect(200, purge(gone[turn] ?? ''))));
    }
  }

  async act(verb: Verb, turn: number): Promise<void> {
    const { endings, announcements, onAccepted } = this.options;
    const sent = now();
    const operation = await this.ask(verb, turn);
    const answered = now();
    // These two are answered when they have ended.
    const waits = verb === 'hibernate' || verb === 'delete';
    onAccepted?.(verb, (waits ? announcements.at(operation) : answered) - sent);
    await endings.succeeded(operation);
  }

  spentMs(): number {
    return sumOf(processorTimes(this.options.stage));
  }

  /** Answers with its operation. */
  private async ask(verb: Verb, turn: number): Promise<string> {
    const { client } = this.options;
    if (verb === 'create') {
      const { id, operation_id: operation } = await createWorkspace(client, 'a workspace');
      this.ids[turn] = id;
      return operation;
    }
    const id = this.ids[turn] ?? '';
    const request: Request = verb === 'delete' ? purge(id) : { method: 'POST', path: `/workspaces/${id}/${verb}` };
    const answer = JSON.parse((await client.expect(200, request)).body.toString()) as Accepted;
    const [operation = answer.operation_id] = answer.operation_ids ?? [];
    if (operation === undefined) throw new Error(`${verb} was answered without an operation`);
    return operation;
  }
}

const purge = (id: string): Request => ({ method: 'DELETE', path: `/workspaces/${id}?purge=true` });
