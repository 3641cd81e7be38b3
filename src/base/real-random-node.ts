import { randomBytes } from 'node:crypto'
import { idFromBits } from './ids.ts'
import type { Random } from './random.ts'

const BITS_63 = (1n << 63n) - 1n

/** Dice of this machine: `fraction` is cheap, `id` is unpredictable. */
export const realRandom: Random = {
  fraction: () => Math.random(),
  id: () => idFromBits(randomBytes(8).readBigUInt64BE() & BITS_63),
}
