import type { Answer, Api } from '../api/api.ts';
import { jsonObject } from '../api/problem.ts';
import { send } from '../api/transport.ts';
import { count } from '../terminal/text.ts';
import { age } from '../terminal/time.ts';
import { type Check, failed, fine, warning } from './check.ts';

type Ready = Answer<'GET /ready'>;

/** What the gateway itself depends on. It says so also when it is not ready. */
export async function checkReady(api: Api): Promise<{ checks: Check[]; backends: readonly string[] }> {
  const { status, text } = await send(api.transport, { method: 'GET', target: '/ready', headers: {} });
  const ready = jsonObject(text) as Partial<Ready> | null;
  if (ready?.database === undefined) {
    const check = failed(
      'database',
      `the gateway does not tell (HTTP ${status})`,
      'look at the log of the gateway',
      'unavailable',
    );
    return { checks: [check], backends: [] };
  }
  const checks = [
    ready.database === 'up'
      ? fine('database', 'up')
      : failed(
          'database',
          'the gateway cannot reach Postgres',
          'start Postgres, and see that DATABASE_URL of the gateway is right',
          'unavailable',
        ),
    ready.temporal === 'up'
      ? fine('temporal', 'up')
      : failed(
          'temporal',
          'the gateway cannot reach it: operations are accepted and wait',
          'start Temporal, and see that TEMPORAL_ADDRESS of the gateway is right',
        ),
  ];
  return { checks, backends: ready.backends ?? [] };
}

/** Where boxes can run. Only operators learn the hosts. */
export async function checkBackends(api: Api, kinds: readonly string[], isOperator: boolean): Promise<Check> {
  if (kinds.length === 0) {
    return failed(
      'backends',
      'no worker serves any: no box can be made',
      'start a worker where a Docker engine or a control plane is reached, or "npm start"',
    );
  }
  if (!isOperator) return fine('backends', kinds.join(', '));
  const served = await api.call('GET /backends', {});
  const now = Date.now();
  const says = served
    .map(({ kind, host, away, seen_at: at }) => `${kind} on ${host}${away ? ` (away for ${age(at, now)})` : ''}`)
    .join(', ');
  const away = served.filter((backend) => backend.away);
  return away.length === 0
    ? fine('backends', says)
    : warning(
        'backends',
        says,
        `start the worker on ${away.map(({ host }) => host).join(', ')} again: the boxes there wait for it`,
      );
}

/** Whether the loops that mend things go round. */
export async function checkLoops(api: Api): Promise<Check> {
  const { subsystems } = await api.call('GET /admin/liveness', {});
  const loops = Object.entries(subsystems);
  const stale = loops.filter(([, loop]) => loop.stale).map(([name, loop]) => `${name} (${loop.seconds_ago} s ago)`);
  if (loops.length === 0) return failed('loops', 'none has ever gone round', 'start a worker');
  return stale.length === 0
    ? fine('loops', `${loops.length} go round`)
    : failed('loops', `late: ${stale.join(', ')}`, 'see that a worker runs, and look at its log');
}

/** What is still to be stopped. */
export async function checkBoxes(api: Api): Promise<Check> {
  const owed = await api.call('GET /boxes', { query: { state: 'owed' } });
  return owed.length === 0
    ? fine('boxes', 'none is owed')
    : warning(
        'boxes',
        `${count(owed.length, 'box is', 'boxes are')} owed: not yet known to be stopped`,
        'holdfast boxes list --state owed',
      );
}
