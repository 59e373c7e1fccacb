import { setTimeout as sleep } from 'node:timers/promises';
import { EventParser, type ServerEvent } from './event-parser.ts';
import { isPassing, networkCode, unreachable } from './network-failure.ts';
import { problemOf } from './problem.ts';
import { open, type Transport } from './transport.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

/**
 * Follows a stream of events for as long as the caller takes them. A stream that breaks or falls silent is opened again
 * and goes on after the last event seen, so that none is missed and none comes twice.
 * @throws Failure when the gateway refuses the stream, or stays away for longer than `reopenMs`
 */
export async function* eventStream(transport: Transport, target: string): AsyncGenerator<ServerEvent> {
  let lastId = '';
  let firstWait = FIRST_WAIT_MS;
  let wait = firstWait;
  let lostAt: number | undefined;
  for (;;) {
    const parser = new EventParser();
    parser.lastId = lastId;
    let broken = 'UND_ERR_SOCKET';
    try {
      for await (const event of connection(transport, target, parser)) {
        lostAt = undefined;
        wait = firstWait = parser.retryMs ?? firstWait;
        lastId = event.id;
        yield event;
      }
    } catch (error) {
      transport.signal.throwIfAborted();
      const code = networkCode(error);
      if (code === null) throw error;
      if (!isPassing(code)) throw unreachable(transport.url, code);
      broken = code;
    }
    lostAt ??= Date.now();
    if (Date.now() - lostAt > transport.timing.reopenMs) throw unreachable(transport.url, broken);
    transport.onRetry?.('The stream of events broke');
    await sleep(wait, undefined, { signal: transport.signal }).catch(() => transport.signal.throwIfAborted());
    wait = Math.min(LONGEST_WAIT_MS, wait * 2);
  }
}

/** The events of one connection, until it ends. */
async function* connection(transport: Transport, target: string, parser: EventParser): AsyncGenerator<ServerEvent> {
  const silence = new AbortController();
  const overdue = () => silence.abort(new DOMException('the stream fell silent', 'TimeoutError'));
  let timer = setTimeout(overdue, transport.timing.silenceMs);
  try {
    const headers = {
      accept: 'text/event-stream',
      ...(parser.lastId === '' ? {} : { 'last-event-id': parser.lastId }),
    };
    const answer = await open(
      transport,
      { method: 'GET', target, headers },
      AbortSignal.any([transport.signal, silence.signal]),
    );
    if (answer.status === 429 || answer.status === 503) return;
    if (!answer.ok || !answer.body) throw problemOf(answer.status, await answer.text(), `GET ${target}`);
    const decoder = new TextDecoder();
    for await (const piece of answer.body) {
      clearTimeout(timer);
      timer = setTimeout(overdue, transport.timing.silenceMs);
      yield* parser.take(decoder.decode(piece as Uint8Array, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
    // Frees the connection also when the caller takes no more events.
    silence.abort();
  }
}
