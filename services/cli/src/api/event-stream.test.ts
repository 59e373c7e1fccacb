import { expect, test } from 'vitest';
import { broken, json, scriptedGateway, sse, stream } from '../../test/support/scripted-gateway.ts';
import { quickTiming } from '../../test/support/world.ts';
import { eventStream } from './event-stream.ts';
import type { Timing } from './transport.ts';

async function heardFrom(url: string, timing: Partial<Timing> = {}): Promise<string[]> {
  const found: string[] = [];
  const transport = {
    url,
    token: null,
    orgId: null,
    signal: new AbortController().signal,
    timing: { ...quickTiming, ...timing },
  };
  for await (const { event, data } of eventStream(transport, '/operations/x/events')) {
    found.push(`${event} ${data}`);
    if (event === 'end') break;
  }
  return found;
}

test('goes on after the last event it saw when the stream breaks', async () => {
  await using gateway = await scriptedGateway(
    stream(`retry: 1\n\n${sse('step', 'a', 1)}${sse('step', 'b', 2)}id: 3\nevent: step\ndata: "half`),
    broken,
    stream(`${sse('step', 'c', 3)}${sse('end', 'done')}`, { stays: true }),
  );
  expect(await heardFrom(gateway.url)).toEqual(['step "a"', 'step "b"', 'step "c"', 'end "done"']);
  expect(gateway.heard.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '2']);
});

test('opens a stream again that fell silent', async () => {
  await using gateway = await scriptedGateway(
    stream(`retry: 1\n\n${sse('step', 'a', 1)}`, { stays: true }),
    stream(sse('end', 'done'), { stays: true }),
  );
  expect(await heardFrom(gateway.url, { silenceMs: 2_000 })).toEqual(['step "a"', 'end "done"']);
});

test('waits for a gateway that cannot serve now', async () => {
  await using gateway = await scriptedGateway(json(503, {}), stream(sse('end', 'done'), { stays: true }));
  expect(await heardFrom(gateway.url)).toEqual(['end "done"']);
});

test('does not ask again for a stream it was refused', async () => {
  await using gateway = await scriptedGateway(json(404, { error: 'operation not found', code: 'OPERATION_NOT_FOUND' }));
  await expect(heardFrom(gateway.url)).rejects.toMatchObject({ exit: 'notFound', message: 'operation not found' });
  expect(gateway.heard).toHaveLength(1);
});

test('gives up on a gateway that stays away', async () => {
  const gateway = await scriptedGateway(broken);
  await gateway[Symbol.asyncDispose]();
  await expect(heardFrom(gateway.url, { reopenMs: 0 })).rejects.toMatchObject({ exit: 'unavailable' });
});

test('leaves no connection behind when nobody listens any more', async () => {
  let isOpen = true;
  await using gateway = await scriptedGateway((answer) => {
    answer.on('close', () => (isOpen = false));
    answer.writeHead(200).write(sse('end', 'done'));
  });
  await heardFrom(gateway.url);
  await expect.poll(() => isOpen).toBe(false);
});
