import { Failure } from '../failure/failure.ts';

/** Questions to the person at the terminal. They are asked on standard error: standard output belongs to results. */
export interface Prompt {
  /** Asks for something that is not shown while it is typed. */
  secret(question: string): Promise<string>;
  confirm(question: string): Promise<boolean>;
}

const stopped = (): Failure => new Failure('interrupted', 'Stopped; nothing was changed.');

export const clackPrompt: Prompt = {
  async secret(question) {
    const { isCancel, password } = await import('@clack/prompts');
    const answer = await password({
      message: question,
      output: process.stderr,
      validate: (value) => (value === undefined || value === '' ? 'It must not be empty.' : undefined),
    });
    if (isCancel(answer)) throw stopped();
    return answer;
  },
  async confirm(question) {
    const { confirm, isCancel } = await import('@clack/prompts');
    const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
    if (isCancel(answer)) throw stopped();
    return answer;
  },
};
