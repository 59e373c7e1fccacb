import { Module } from '@nestjs/common';
import { OrgTokenController } from './org-token.controller.ts';
import { OrgTokenService } from './org-token.service.ts';
import { TestTokenController } from './test-token.controller.ts';
import { TestTokenService } from './test-token.service.ts';
import { TokenController } from './token.controller.ts';
import { TokenService } from './token.service.ts';

@Module({
  controllers: [TokenController, OrgTokenController, TestTokenController],
  providers: [TokenService, OrgTokenService, TestTokenService],
})
export class TokenModule {}
