import type { Checker } from '../observation.ts'

/** BO1: nothing that waits grows beyond its bound. */
export function queuesBounded(): Checker {
  return {
    rule: 'BO1',
    see(observation) {
      if (observation.kind !== 'queued' || observation.bytes <= observation.bytesMax) return undefined
      return `${observation.where} holds ${observation.bytes} bytes, and may hold ${observation.bytesMax}.`
    },
  }
}
