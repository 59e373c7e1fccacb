import type { Machines } from '../machines.ts';
import type { Operation } from '../operation.ts';
import type { RefusalKind } from '../faults.ts';
import type { Answer, Api, Asked } from '../http-cloud.ts';
import { ask, elementOf, errorAnswer, formOf } from './query.ts';

const operations: Readonly<Record<string, Operation>> = {
  RunInstances: 'create',
  TerminateInstances: 'end',
  GetConsoleOutput: 'console',
};

const refusals: Readonly<Record<RefusalKind, Answer>> = {
  throttled: errorAnswer(503, 'RequestLimitExceeded'),
  quota: errorAnswer(400, 'VcpuLimitExceeded'),
  capacity: errorAnswer(500, 'InsufficientInstanceCapacity'),
  unavailable: errorAnswer(503, 'Unavailable'),
  denied: errorAnswer(401, 'AuthFailure'),
  hidden: errorAnswer(400, 'InvalidInstanceID.NotFound'),
};

/** What is not shown yet is left out of a list. */
const emptyList: Answer = {
  status: 200,
  type: 'text/xml',
  body: '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet/></DescribeInstancesResponse>',
};

/** What stands in front of the emulator: it remembers client tokens, which the emulator ignores, and has consoles. */
export function ec2Api(emulatorUrl: string, machines: Machines): Api {
  const volumeTokens = new Map<string, Promise<Answer>>();
  /** By token: what it was first used for, and the instance that came of it. */
  const tokens = new Map<string, { parameters: string; instanceId: Promise<string> }>();

  const forward = ({ body }: Asked): Promise<Answer> => ask(emulatorUrl, body);

  const run = async (asked: Asked, form: URLSearchParams): Promise<Answer> => {
    const token = form.get('ClientToken') ?? '';
    const parameters = parametersOf(form);
    const known = tokens.get(token);
    if (known) {
      if (known.parameters !== parameters) return errorAnswer(400, 'IdempotentParameterMismatch');
      return asRun(await ask(emulatorUrl, formOf('DescribeInstances', { 'InstanceId.1': await known.instanceId })));
    }
    const made = forward(asked);
    const instanceId = made.then(({ body }) => elementOf(body, 'instanceId') ?? '');
    if (token !== '') tokens.set(token, { parameters, instanceId });
    const answer = await made;
    if (answer.status !== 200) {
      tokens.delete(token);
      return answer;
    }
    machines.add({
      id: await instanceId,
      address: elementOf(answer.body, 'privateIpAddress') ?? '',
      userData: Buffer.from(form.get('UserData') ?? '', 'base64').toString('utf8'),
    });
    return answer;
  };

  /** The volume of a repeated token is as it was made: nobody reads its state out of this answer. */
  const createVolume = (asked: Asked, form: URLSearchParams): Promise<Answer> => {
    const token = form.get('ClientToken') ?? '';
    const made = (token === '' ? undefined : volumeTokens.get(token)) ?? forward(asked);
    volumeTokens.set(token, made);
    return made;
  };

  const end = async (asked: Asked, form: URLSearchParams): Promise<Answer> => {
    const answer = await forward(asked);
    if (answer.status !== 200) return answer;
    for (const [name, value] of form) if (name.startsWith('InstanceId.')) machines.remove(value);
    return answer;
  };

  const console = (form: URLSearchParams): Answer => {
    const instanceId = form.get('InstanceId') ?? '';
    const output = Buffer.from(machines.consoleOf(instanceId)).toString('base64');
    const body = `<GetConsoleOutputResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><instanceId>${instanceId}</instanceId><timestamp>2026-01-01T00:00:00.000Z</timestamp><output>${output}</output></GetConsoleOutputResponse>`;
    return { status: 200, type: 'text/xml', body };
  };

  return {
    operationOf({ body }) {
      const form = new URLSearchParams(body);
      const action = form.get('Action') ?? '';
      if (action === 'DescribeInstances') return form.has('InstanceId.1') ? 'look' : 'list';
      return operations[action] ?? 'other';
    },
    perform(asked, failing = false) {
      // EC2 says at once what it has no machine for.
      if (failing) return Promise.resolve(refusals.capacity);
      if (!asked.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=')) {
        return Promise.resolve(errorAnswer(401, 'AuthFailure'));
      }
      const form = new URLSearchParams(asked.body);
      switch (form.get('Action') ?? '') {
        case 'RunInstances':
          return run(asked, form);
        case 'CreateVolume':
          return createVolume(asked, form);
        case 'TerminateInstances':
          return end(asked, form);
        case 'GetConsoleOutput':
          return Promise.resolve(console(form));
        default:
          return forward(asked);
      }
    },
    refuse: (kind, operation) => (kind === 'hidden' && operation === 'list' ? emptyList : refusals[kind]),
  };
}

/** All that must be the same for a token to be the same request. */
const parametersOf = (form: URLSearchParams): string => JSON.stringify(Object.fromEntries(form));

/** A description of one instance, in the shape of the answer that made it. */
function asRun({ status, body, type }: Answer): Answer {
  const item = /<reservationSet>\s*<item>(?<item>[^]*)<\/item>\s*<\/reservationSet>/.exec(body)?.groups?.['item'] ?? '';
  const answer = `<RunInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${item}</RunInstancesResponse>`;
  return { status, type, body: answer };
}
