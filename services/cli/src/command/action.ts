import type { Command } from 'commander';
import type { Exit } from '../exit/exit-codes.ts';
import { Failure } from '../failure/failure.ts';
import { type CommonFlags, openSession, type Session, type World } from './session.ts';

/** One call of a command: the arguments it declares, in order, and its options. */
export interface Call<Args extends readonly unknown[], Options> extends Session {
  readonly args: Args;
  readonly options: Options & CommonFlags;
}

/** What a command does. It may end otherwise than well without a failure of its own. */
export type Handler<Args extends readonly unknown[], Options> = (call: Call<Args, Options>) => Promise<Exit | void>;

/** Makes commander's action of a handler, and remembers how it ended. */
export type Action = <Args extends readonly unknown[] = [], Options = object>(
  handler: Handler<Args, Options>,
) => (...given: unknown[]) => Promise<void>;

export function actionsIn(world: World, ended: (exit: Exit) => void): Action {
  return <Args extends readonly unknown[], Options>(handler: Handler<Args, Options>) =>
    async (...given: unknown[]) => {
      // Commander's order: the declared arguments, the command's options, the command.
      const command = given.at(-1) as Command;
      const options = command.optsWithGlobals<Options & CommonFlags>();
      const session = openSession(world, options);
      const call = { ...session, args: given.slice(0, -2) as unknown as Args, options };
      ended((await handler(call).catch((error: unknown) => refused(error, command))) ?? 'ok');
    };
}

/** The gateway's advice on a body that it cannot take is for those who wrote the request; here, that was a command. */
function refused(error: unknown, command: Command): never {
  if (!(error instanceof Failure) || error.detail.code !== 'INVALID_REQUEST') throw error;
  throw new Failure(error.exit, error.message, { ...error.detail, next: `${pathOf(command)} --help` });
}

const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
