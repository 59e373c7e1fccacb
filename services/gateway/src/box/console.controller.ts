import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Refusal } from '@holdfast/activities/failure/refusal';
import { Answers } from '../openapi/answers.ts';
import { ConsoleView } from './console.dto.ts';

@ApiTags('boxes')
@Controller('workspaces/:id/console')
export class ConsoleController {
  /** Only a control plane keeps the console of a box; there is none whose boxes this version runs. */
  @Get()
  @Answers(ConsoleView, 'What the box of a workspace wrote to its console; needs a control plane.')
  getConsole(@Param('id') _id: string): ConsoleView {
    throw new Refusal('CONSOLE_UNAVAILABLE');
  }
}
