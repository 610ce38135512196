import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";

/** The file system in memory that Linux has. */
const memory = "/dev/shm";

/** Three times what a run of all has written at any time. */
const neededBytes = 2 * 2 ** 30;

/** The folders that homes of runs are made in, by this run or by an earlier one. */
export const parentsOfRunHomes: readonly string[] = [memory, tmpdir()];

/**
 * The folder for a run's home: in memory where there is room, else the one for temporary files. Each test makes and drops
 * four databases of more than 300 files each, and on many a disk that takes longer than the test.
 */
export async function parentOfRunHome(): Promise<string> {
  const freeBytes = await statfs(memory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  return freeBytes > neededBytes && process.availableMemory() > 2 * neededBytes ? memory : tmpdir();
}
