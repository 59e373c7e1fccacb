import { Module } from '@nestjs/common';
import { BoxController } from './box.controller.ts';
import { BoxReader } from './box-reader.ts';
import { ConsoleController } from './console.controller.ts';
import { SweepController } from './sweep.controller.ts';
import { SweepService } from './sweep.service.ts';

@Module({
  controllers: [BoxController, ConsoleController, SweepController],
  providers: [BoxReader, SweepService],
})
export class BoxModule {}
