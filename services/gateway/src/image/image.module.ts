import { Module } from '@nestjs/common';
import { ImageController } from './image.controller.ts';
import { ImageService } from './image.service.ts';

@Module({ controllers: [ImageController], providers: [ImageService] })
export class ImageModule {}
