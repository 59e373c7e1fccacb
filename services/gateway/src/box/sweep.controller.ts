import { Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Answers } from '../openapi/answers.ts';
import { SweepQuery, SweepReport } from './sweep.dto.ts';
import { SweepService } from './sweep.service.ts';

@ApiTags('boxes')
@Controller('admin/sweep')
export class SweepController {
  constructor(private readonly sweeps: SweepService) {}

  @Post()
  @HttpCode(200)
  @Answers(SweepReport, 'Compares the ledger with what every host really has, and clears what belongs to nobody.')
  sweepBoxes(@Query({ schema: SweepQuery }) query: SweepQuery, @Req() request: FastifyRequest): Promise<SweepReport> {
    return this.sweeps.sweep(query, request);
  }
}
