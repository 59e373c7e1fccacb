import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { bareEnvironment } from '@holdfast/infra/process/bare-environment';
import type { Names } from '../compose.ts';
import type { Request } from './verbs.ts';

export interface GatewaySettings {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly names: Names;
  readonly encryptionKey: string;
}

/** `dies`: between the answer and the poke; `diesUnanswered`: between the commit and the answer. */
export type Fate = 'lives' | 'dies' | 'diesUnanswered' | 'dropsPoke';
export type GatewayOrder = Request & { readonly n: number; readonly fate: Fate };

/** None of `operations`, `refused` and `trouble`: the gateway died before it could say. */
export interface GatewayAnswer {
  readonly n: number;
  readonly operations?: readonly string[];
  readonly workspaceId?: string;
  readonly refused?: string;
  /** What should never be: an error that is no refusal. */
  readonly trouble?: string;
}

interface Slot {
  child: ChildProcess;
  readonly waiting: Map<number, (answer: GatewayAnswer) => void>;
}

export interface Gateways extends AsyncDisposable {
  /** Asks one of them; they take turns. */
  ask(request: Request, fate: Fate): Promise<GatewayAnswer>;
  readonly deaths: () => number;
}

/** Runs gateways as processes of their own, and another in the place of each that dies. */
export async function startGateways(
  count: number,
  settings: GatewaySettings,
  onTrouble: (error: unknown) => void,
): Promise<Gateways> {
  const slots: Slot[] = [];
  let n = 0;
  let deaths = 0;
  let stopping = false;

  const start = (at: number): Promise<void> => {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'gateway-process.ts')], {
      env: { ...bareEnvironment(), TEST_GATEWAY: JSON.stringify(settings) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // What is written to one that dies is answered by its end.
    child.stdin?.on('error', () => undefined);
    const slot: Slot = { child, waiting: new Map() };
    return new Promise((resolve, reject) => {
      let isReady = false;
      createInterface({ input: child.stdout! }).on('line', (line) => {
        if (line === 'ready') {
          slots[at] = slot;
          isReady = true;
          return resolve();
        }
        const answer = JSON.parse(line) as GatewayAnswer;
        slot.waiting.get(answer.n)?.(answer);
        slot.waiting.delete(answer.n);
      });
      // `close`: all it has said has been read.
      child.once('close', () => {
        for (const [unanswered, tell] of slot.waiting) tell({ n: unanswered });
        if (!isReady) return reject(new Error('a gateway could not start'));
        if (stopping) return;
        deaths += 1;
        start(at).catch(onTrouble);
      });
    });
  };

  await Promise.all(Array.from({ length: count }, (_, at) => start(at)));
  return {
    deaths: () => deaths,
    ask(request, fate) {
      n += 1;
      const order: GatewayOrder = { ...request, n, fate };
      const live = slots.filter(({ child }) => child.exitCode === null && child.signalCode === null);
      const slot = live[n % live.length];
      if (!slot) return Promise.resolve({ n });
      return new Promise((resolve) => {
        slot.waiting.set(order.n, resolve);
        slot.child.stdin!.write(`${JSON.stringify(order)}\n`);
      });
    },
    async [Symbol.asyncDispose]() {
      stopping = true;
      const ends = slots.map(({ child }) => new Promise((resolve) => child.once('close', resolve)));
      for (const { child } of slots) child.stdin!.end();
      await Promise.all(ends);
    },
  };
}
