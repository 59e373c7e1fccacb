import { isCancellation, log, proxyActivities } from '@temporalio/workflow';
import { hostQueue } from '../operation/operation.ts';
import type { RefreshedEverywhere, RefreshOrder } from './images.ts';
import type { HostLoopPort, LoopPort } from './ports.ts';
import { type HostSweep, mostFindings, type Sweep, type SweepOrder } from './sweep.ts';

const loops = proxyActivities<LoopPort>({ startToCloseTimeout: '10s', retry: { maximumAttempts: 3 } });

/** A host without a worker is reported, not waited for. */
const HOST_TAKES_UP = '5s';

const onHost = (host: string, startToCloseTimeout: '2m' | '10m') =>
  proxyActivities<HostLoopPort>({
    startToCloseTimeout,
    scheduleToStartTimeout: HOST_TAKES_UP,
    heartbeatTimeout: '30s',
    taskQueue: hostQueue(host),
    retry: { maximumAttempts: 1 },
  });

/** Asks every host at the same time; null for one that does not answer. */
async function ask<T>(
  kinds: readonly string[],
  question: (host: string) => Promise<T>,
): Promise<{ host: string; answer: T | null }[]> {
  const hosts = await loops.listHosts(kinds);
  return Promise.all(
    hosts.map(async (host) => {
      try {
        return { host, answer: await question(host) };
      } catch (error) {
        if (isCancellation(error)) throw error;
        log.warn('a host did not answer', { host, error });
        return { host, answer: null };
      }
    }),
  );
}

const silent = (host: string): Omit<HostSweep, 'findings'> => ({
  host,
  fleet: 0,
  orphans: 0,
  done: 0,
  stopped: false,
  why: [],
  failed: [],
});

/** Compares ledger and reality on every host, as an operator asked for it. */
export async function sweepBoxes(order: SweepOrder): Promise<Sweep> {
  const answers = await ask(['docker', 'control-plane', 'process'], (host) => onHost(host, '2m').sweepHost(order));
  return {
    dryRun: order.dryRun,
    stopped: answers.some(({ answer }) => answer?.stopped),
    hosts: answers.map(({ host, answer }) => {
      if (!answer) return { ...silent(host), away: true };
      const { findings: _, ...numbers } = answer;
      return { ...numbers, away: false };
    }),
    findings: answers.flatMap(({ answer }) => answer?.findings ?? []).slice(0, mostFindings),
  };
}

/** Pulls images on every host with an engine, and restarts what runs an older one. A runtime failed where any host failed. */
export async function refreshImages(order: RefreshOrder): Promise<RefreshedEverywhere> {
  const answers = await ask(['docker'], (host) => onHost(host, '10m').refreshHost(order));
  const all = answers.flatMap(({ answer }) => answer ?? []);
  const failed = new Set(all.flatMap((one) => one.failed));
  const pulled = new Set(all.flatMap((one) => one.pulled).filter((runtime) => !failed.has(runtime)));
  const error = all.find((one) => one.error !== undefined)?.error;
  return {
    pulled: [...pulled],
    failed: [...failed],
    recreated: all.flatMap((one) => one.recreated),
    away: answers.flatMap(({ host, answer }) => (answer ? [] : [host])),
    ...(error === undefined ? {} : { error }),
  };
}
