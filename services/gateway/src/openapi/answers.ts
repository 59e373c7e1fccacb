import { applyDecorators, Header } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

/**
 * Documents a route: what it does in one sentence, and what it answers when it succeeds.
 *
 *     @Get('workspaces/:id')
 *     @Answers(WorkspaceView, 'One workspace.')
 */
export const Answers = (schema: z.ZodType, summary: string, status = 200): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({ status, description: summary, standardSchema: schema } as never),
  );

/** As `Answers`, for a route that answers something other than JSON. */
export const AnswersText = (type: string, summary: string): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({ status: 200, description: summary, content: { [type]: { schema: { type: 'string' } } } }),
  );

export const NoStore = (): MethodDecorator => Header('cache-control', 'no-store');
