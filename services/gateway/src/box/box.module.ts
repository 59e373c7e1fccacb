import { Module } from '@nestjs/common';
import { BoxController } from './box.controller.ts';
import { BoxReader } from './box-reader.ts';

@Module({ controllers: [BoxController], providers: [BoxReader] })
export class BoxModule {}
