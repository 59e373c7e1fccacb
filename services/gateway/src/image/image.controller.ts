import { Controller, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DryRun } from '../dry-run/dry-run.dto.ts';
import { Answers } from '../openapi/answers.ts';
import { RefreshedImages, RefreshQuery } from './image.dto.ts';
import { ImageService } from './image.service.ts';

@ApiTags('boxes')
@Controller('admin/workspace-images')
export class ImageController {
  constructor(private readonly images: ImageService) {}

  @Post('refresh')
  @HttpCode(200)
  @Answers(
    RefreshedImages.or(DryRun),
    'Pulls the images of runtimes anew, and restarts the workspaces that run an older one.',
  )
  refreshImages(
    @Query({ schema: RefreshQuery }) query: RefreshQuery,
    @Req() request: FastifyRequest,
  ): Promise<RefreshedImages | DryRun> {
    return this.images.refresh(query, request);
  }
}
