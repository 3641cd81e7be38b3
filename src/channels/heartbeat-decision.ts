/** When a socket was last heard and last asked, milliseconds of one monotonic clock. */
interface Pulse {
  readonly heardMs: number
  readonly askedMs: number
}

type HeartbeatVerdict = 'fine' | 'ask' | 'silent'

/** Heartbeats of silence after which a socket counts as dead. */
const SILENT_HEARTBEATS = 2

/** Whether a socket needs a ping, or is beyond one. Who speaks by itself is never asked. */
export function judgePulse({ heardMs, askedMs }: Pulse, nowMs: number, heartbeatMs: number): HeartbeatVerdict {
  if (nowMs - heardMs > heartbeatMs * SILENT_HEARTBEATS) return 'silent'
  return nowMs - Math.max(heardMs, askedMs) >= heartbeatMs ? 'ask' : 'fine'
}
