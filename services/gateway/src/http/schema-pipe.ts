import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { type BodyIssue, InvalidBody } from '../problem/invalid-body.ts';

/** Codes by which zod says that a value has the wrong type, as opposed to breaking a rule. */
const typeCodes = new Set(['invalid_type', 'invalid_union', 'invalid_key', 'invalid_element', 'not_multiple_of']);

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  readonly code?: string;
}

/**
 * Validates what a handler takes by the zod schema at its parameter:
 *
 *     create(@Body({ schema: CreateWorkspace }) body: CreateWorkspace)
 *
 * A wrong type is answered with the text of the route's row in the policy table, a broken rule with the rule's own
 * message: `z.string().max(255, 'invalid workspace fields')`. Rules speak in the order of the schema's fields.
 */
@Injectable()
export class SchemaPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => new InvalidBody((issues as readonly Issue[]).map(bodyIssue)) });
  }

  override async transform<T = unknown>(value: T, metadata: ArgumentMetadata): Promise<T> {
    try {
      return (await super.transform(value, metadata)) as T;
    } catch (error) {
      // The route's text speaks of its body: what is wrong in a query says so itself.
      if (!(error instanceof InvalidBody) || metadata.type === 'body') throw error;
      throw new InvalidBody(error.issues.map((issue) => ({ ...issue, wrongType: false })));
    }
  }
}

const bodyIssue = (issue: Issue): BodyIssue => ({
  path: (issue.path ?? []).map((part) => `/${String(typeof part === 'object' ? part.key : part)}`).join(''),
  says: issue.message,
  wrongType: typeCodes.has(issue.code ?? ''),
});
