import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Answer } from '../http/answer.ts';
import { Metrics } from '../metrics/metrics.ts';
import { Answers, AnswersText } from '../openapi/answers.ts';
import { BackendsView, HealthView, LivenessView, ReadyView } from './health.dto.ts';
import { HealthService } from './health.service.ts';

@ApiTags('platform')
@Controller()
export class HealthController {
  constructor(
    private readonly service: HealthService,
    private readonly metrics: Metrics,
  ) {}

  @Get('health')
  @Answers(HealthView, 'Tells that the process runs; asks nobody else.')
  getHealth(): HealthView {
    return { status: 'ok' };
  }

  @Get('ready')
  @Answers(ReadyView, 'Tells whether requests can be served, and what is down.')
  getReadiness(): Promise<Answer<ReadyView>> {
    return this.service.ready();
  }

  @Get('admin/liveness')
  @Answers(LivenessView, 'Last tick of every background loop.')
  getLiveness(): Promise<LivenessView> {
    return this.service.liveness();
  }

  @Get('backends')
  @Answers(BackendsView, 'Where boxes can run: what each worker host serves.')
  listBackends(): Promise<BackendsView> {
    return this.service.backends();
  }

  @Get('metrics')
  @AnswersText('text/plain', 'Metrics of this gateway in the text format of Prometheus.')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  getMetrics(): string {
    return this.metrics.text();
  }
}
