import type { Checker } from '../observation.ts'

/** More than any bound of a node's settings plus the frame that crossed it; far less than memory. */
const QUEUE_BYTES_MAX = 16 * 1024 * 1024

/** BO1: nothing that waits grows without a bound. */
export function queuesBounded(): Checker {
  return {
    rule: 'BO1',
    see(observation) {
      if (observation.kind !== 'queued' || observation.bytes <= QUEUE_BYTES_MAX) return undefined
      return `${observation.where} holds ${observation.bytes} bytes.`
    },
  }
}
