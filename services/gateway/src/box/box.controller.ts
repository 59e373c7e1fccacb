import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../openapi/answers.ts';
import { BoxList, BoxQuery } from './box.dto.ts';
import { BoxReader } from './box-reader.ts';

@ApiTags('boxes')
@Controller('boxes')
export class BoxController {
  constructor(private readonly boxes: BoxReader) {}

  @Get()
  @Answers(BoxList, 'Boxes that are not gone, newest first: why one is owed, and which operations touched it.')
  listBoxes(@Query({ schema: BoxQuery }) query: BoxQuery): Promise<BoxList> {
    return this.boxes.list(query);
  }
}
