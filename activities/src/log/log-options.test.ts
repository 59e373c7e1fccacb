import { pino } from 'pino';
import { expect, test } from 'vitest';
import { logOptions } from './log-options.ts';

/** What a service writes when it logs this. */
function written(facts: Record<string, unknown>): string {
  const lines: string[] = [];
  pino(logOptions('worker', 'debug'), { write: (line: string) => void lines.push(line) }).warn(facts, 'a line');
  return lines.join('');
}

test('an error of Prisma is logged without the call it was made of', () => {
  const error = new Error(
    '\nInvalid `db.box.create()` invocation:\n{ data: { token: "hunter2" } }\n\nIt is there already',
  );
  error.name = 'PrismaClientKnownRequestError';
  const line = written({ err: Object.assign(error, { code: 'P2002', meta: { values: ['hunter2'] } }) });
  expect(JSON.parse(line)).toMatchObject({
    service: 'worker',
    err: { type: 'PrismaClientKnownRequestError', message: 'It is there already', code: 'P2002' },
  });
  expect(line).not.toContain('hunter2');
});

test('an error keeps its text and its frames, and loses every other member', () => {
  const line = written({ err: Object.assign(new Error('it broke'), { parameters: ['hunter2'] }) });
  expect(JSON.parse(line)).toMatchObject({
    err: { type: 'Error', message: 'it broke', stack: expect.stringContaining('log-options.test') },
  });
  expect(line).not.toContain('hunter2');
});

test('an error tells its causes, with their members as little as its own', () => {
  const cause = Object.assign(new Error('no route'), { parameters: ['hunter2'] });
  const line = written({ error: new Error('it broke', { cause }) });
  expect(JSON.parse(line)).toMatchObject({
    error: { message: 'it broke', cause: { type: 'Error', message: 'no route' } },
  });
  expect(line).not.toContain('hunter2');
});

test.each(['token', 'nonce', 'env', 'credentials', 'authorization', 'secret', 'body', 'headers', 'value'])(
  'what is called "%s" is cut out, also one level below',
  (name) => {
    expect(written({ [name]: 'hunter2', of: { [name]: 'hunter2' } })).not.toContain('hunter2');
  },
);
