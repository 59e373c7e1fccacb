import { routes } from '../api/generated/routes.ts';
import { networkCode, unreachable } from '../api/network-failure.ts';
import { jsonObject } from '../api/problem.ts';
import { send, type Transport } from '../api/transport.ts';
import { count } from '../terminal/text.ts';
import { duration } from '../terminal/time.ts';
import { type Check, failed, fine, warning } from './check.ts';

/** A credential's ends and a log's lines are compared by these clocks; the header counts whole seconds. */
const MOST_SKEW_MS = 5_000;

/** Whether a gateway answers, and how far its clock is from ours. */
export async function checkGateway(transport: Transport): Promise<Check[]> {
  const began = Date.now();
  try {
    const { status, headers, text } = await send(transport, { method: 'GET', target: '/health', headers: {} });
    const took = Date.now() - began;
    if (status === 429)
      return [failed('gateway', 'it has had too many requests from here', 'wait a minute', 'unavailable')];
    if (status !== 200 || jsonObject(text)?.['status'] !== 'ok') {
      return [
        failed(
          'gateway',
          `what answers there is no gateway (HTTP ${status})`,
          'set --gateway or HOLDFAST_URL to its address',
          'unavailable',
        ),
      ];
    }
    return [fine('gateway', `answers in ${duration(took)}`), checkClock(headers.get('date'), began + took / 2)];
  } catch (error) {
    transport.signal.throwIfAborted();
    const code = networkCode(error);
    const says = code === null ? (error as Error).message : unreachable(transport.url, code).message;
    return [
      failed(
        'gateway',
        says,
        'start it with "npm start", or set --gateway or HOLDFAST_URL to its address',
        'unavailable',
      ),
    ];
  }
}

function checkClock(date: string | null, ours: number): Check {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs))
    return warning('clock', 'the gateway does not tell its time', 'look for a proxy that takes the Date header away');
  // Half a second in is the likeliest moment of a whole second.
  const skew = Math.abs(theirs + 500 - ours);
  return skew > MOST_SKEW_MS
    ? warning('clock', `this machine and the gateway are ${duration(skew)} apart`, 'set both clocks by NTP')
    : fine('clock', 'agrees with the gateway');
}

/** Whether the gateway has the routes this version was made for. */
export async function checkVersion(transport: Transport, version: string): Promise<Check> {
  const { status, text } = await send(transport, { method: 'GET', target: '/openapi.json', headers: {} });
  const paths = jsonObject(text)?.['paths'] as Readonly<Record<string, object>> | undefined;
  if (status !== 200 || paths === undefined) {
    return warning(
      'version',
      `${version}; the gateway does not tell its routes`,
      'let /openapi.json through to the gateway',
    );
  }
  const missing = routes.filter((route) => {
    const [method = '', path = ''] = route.split(' ');
    return !Object.hasOwn(paths[path] ?? {}, method.toLowerCase());
  });
  return missing.length === 0
    ? fine('version', `${version}; the gateway has every route it knows`)
    : warning(
        'version',
        `${version}; the gateway lacks ${count(missing.length, 'route')} it knows, such as ${missing[0]}`,
        'use the command line and the gateway of the same version',
      );
}
