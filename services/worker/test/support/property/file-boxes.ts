import { startAgents } from '../agents.ts';
import { type Boxes, type BoxesParts, someMute } from './boxes.ts';
import { RecordedFolder, runEngine } from './engine.ts';

/** Boxes that are files. */
export function fileBoxes({ db, cipher, poker, directory, log, luck, onTrouble, parts }: BoxesParts): Promise<Boxes> {
  const folder = new RecordedFolder(directory, log);
  const moods = { refused: 0.02, failing: 0.02, lost: 0.02, late: 0.02, latestMs: 800, seed: luck.seed };
  parts.use(runEngine(folder, onTrouble));
  parts.use(startAgents({ db, cipher, folder, poker, mute: someMute(luck) }));
  return Promise.resolve({
    backend: 'process',
    durations: { deadlineMs: 3_000, settleMs: 3_000, startMs: 30_000, longestCreateMs: 3_000 },
    pace: { pauseMs: 400, rests: 0.25, longestRestMs: 4_000 },
    settings: { moods },
    real: () => folder.boxes(),
    isQuiet: () => Promise.resolve(!folder.hasLate()),
  });
}
