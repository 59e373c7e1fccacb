-- AlterTable
ALTER TABLE "boxes" ADD COLUMN     "create_begun_at" TIMESTAMPTZ;
