import { Injectable } from '@nestjs/common';
import { Refusal } from '@holdfast/activities/failure/refusal';
import type { FastifyRequest } from 'fastify';
import type { DryRun, DryRunQuery } from '../dry-run/dry-run.dto.ts';
import type { Answer } from '../http/answer.ts';
import type { CollapsedWorkspace, PausedWorkspace, ResumedWorkspace } from './verb.dto.ts';

@Injectable()
export class TreeService {
  pause(_id: string, _query: DryRunQuery, _request: FastifyRequest): Promise<Answer<PausedWorkspace | DryRun>> {
    throw new Refusal('NOT_IMPLEMENTED');
  }

  resume(_id: string, _query: DryRunQuery, _request: FastifyRequest): Promise<Answer<ResumedWorkspace | DryRun>> {
    throw new Refusal('NOT_IMPLEMENTED');
  }

  collapse(_id: string, _query: DryRunQuery, _request: FastifyRequest): Promise<Answer<CollapsedWorkspace | DryRun>> {
    throw new Refusal('NOT_IMPLEMENTED');
  }
}
