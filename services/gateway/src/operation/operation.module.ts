import { Module } from '@nestjs/common';
import { OperationController } from './operation.controller.ts';
import { OperationReader } from './operation-reader.ts';
import { OperationStream } from './operation-stream.ts';
import { OperationVerbs } from './operation-verbs.ts';

@Module({ controllers: [OperationController], providers: [OperationReader, OperationStream, OperationVerbs] })
export class OperationModule {}
